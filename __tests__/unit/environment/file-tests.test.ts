import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Circus } from '@jest/types';
import { join } from 'node:path';
import { guestError } from '../../../environment/author-error';
import { jestTimeoutMs } from '../../../environment/deadlines';
import { FileTests } from '../../../environment/file-tests';
import { HostRegistrar, type HostRegistrarOptions } from '../../../environment/host-registrar';
import type { ConsoleTarget } from '../../../environment/forward-console';
import type { TestOptions } from '../../../src/spec/declare/options';
import { declaredOf, type TreeTest } from '../../../src/spec/declare/identify';
import { bzImage } from '../host/kernel/kernel-blobs';
import { temporaryFolder, writeTree } from '../host/kernel/kernel-files';
import { addBlock, addTest, makeDeclared, makeRoot, makeState } from './circus-tree';
import { specOf } from './finished-runs';

const { PATH, KTSTR_CACHE_DIR } = process.env;
const REGISTRAR_OPTIONS: Omit<HostRegistrarOptions, 'onSkip'> = {
  ...{ testPath: '/project/a.test.ts', rootDir: '/project', console: {} as ConsoleTarget, decorators: 'legacy' },
  ...{ consoleAllow: [], kernels: [] },
};

let root: Circus.DescribeBlock;
let registrar: HostRegistrar;
let tests: FileTests;
let warnings: string[];

beforeEach(() => {
  root = makeRoot();
  warnings = [];
  registrar = new HostRegistrar({
    ...REGISTRAR_OPTIONS,
    onSkip: (declared, reason) => tests.skip(declared, reason),
  });
  const testPath = '/project/a.test.ts';
  tests = new FileTests({ testPath, registrar, warn: (text, origin) => warnings.push(`${text}\n${origin}`) });
});

afterEach(() => {
  process.env['PATH'] = PATH;
  delete process.env['KTSTR_REQUIRE'];
});

const send = (event: Partial<Circus.Event>): void => tests.handle(event as Circus.Event, makeState(root));

function declare(name: string, options: TestOptions = {}): Circus.TestEntry {
  const declared = makeDeclared(name, options);
  registrar.declare(declared);
  return addTest(addBlock(root, 'Group'), name, { declared });
}

describe('FileTests', () => {
  test('finds the declared tests of the file when it has loaded, among those of others', () => {
    addTest(root, 'plain');
    const declared = makeDeclared('split', { llcs: 2 });
    addTest(addBlock(root, 'Fairness'), 'split', { declared });
    send({ name: 'run_start' });
    expect(registrar.known(declared)).toEqual({
      id: { file: '/project/a.test.ts', ancestors: ['Fairness'], title: 'split', occurrence: 0 },
      spec: specOf({ llcs: 2 }),
    });
  });

  test('fails the file for options that are not possible, at the declaration', () => {
    declare('split', { llcs: 0 });
    const stack = expect.stringMatching(/^declare split: [^]*llcs: got 0[^]*\n {4}at author \(a\.test\.ts:7:1\)$/);
    expect(() => send({ name: 'run_start' })).toThrow(expect.objectContaining({ stack }));
  });

  test('fails the file for a declared test that is nowhere in the tree', () => {
    registrar.declare(makeDeclared('lost'));
    expect(() => send({ name: 'run_start' })).toThrow(/lost: its class is not known/);
  });

  test('gives a test the timeout of its body on the host, and one for all its runs in the guest', () => {
    const [onHost, inGuest, plain] = [
      declare('host', { hostOnly: true, timeoutMs: 50 }),
      declare('guest'),
      addTest(root, 'plain'),
    ];
    send({ name: 'run_start' });
    for (const entry of [onHost, inGuest, plain]) send({ name: 'test_fn_start', test: entry });
    expect([onHost.timeout, inGuest.timeout, plain.timeout]).toEqual([50, jestTimeoutMs(specOf()), undefined]);
  });

  test('adds the further errors of a run behind the one that was thrown', () => {
    const failed = declare('split');
    const thrown = ['first', 'second'].map((message) => ({ name: 'Error', message, stack: '' }));
    const error = guestError(thrown, '') as unknown as Circus.Exception;
    send({ name: 'test_fn_failure', test: failed, error });
    expect(failed.errors).toMatchObject([{ message: 'second' }]);
  });
});

describe('FileTests without a machine', () => {
  beforeEach(() => {
    process.env['PATH'] = '/nonexistent';
  });

  test('skips the tests that need one, and says so once', () => {
    const [first, second, onHost] = [declare('first'), declare('second'), declare('host', { hostOnly: true })];
    send({ name: 'run_start' });
    for (const entry of [first, second, onHost]) send({ name: 'test_start', test: entry });
    expect([first.mode, second.mode, onHost.mode]).toEqual(['skip', 'skip', undefined]);
    expect(warnings).toEqual([expect.stringMatching(/is not on PATH.*KTSTR_REQUIRE=1[^]*at author/)]);
  });

  test('skips none with KTSTR_REQUIRE=1, so that they fail', () => {
    process.env['KTSTR_REQUIRE'] = '1';
    const first = declare('first');
    send({ name: 'run_start' });
    send({ name: 'test_start', test: first });
    expect(first.mode).toBeUndefined();
    expect(warnings).toEqual([]);
  });
});

describe('FileTests.skip()', () => {
  function finish(errors: unknown[]): Circus.TestEntry {
    const declared = makeDeclared('Fairness.split');
    registrar.declare(declared);
    const entry = addTest(root, 'split', { declared });
    send({ name: 'run_start' });
    tests.skip(declared, 'no second LLC');
    Object.assign(entry, { errors, status: 'done' });
    send({ name: 'test_done', test: entry });
    return entry;
  }

  test('has a test reported as skipped, with the reason', () => {
    expect(finish([]).status).toBe('skip');
    expect(warnings).toEqual([expect.stringMatching(/^Fairness\.split is skipped: no second LLC\n {4}at author/)]);
  });

  test('does not hide errors, e.g. of a hook', () => {
    expect(finish([new Error('afterEach broke')]).status).toBe('done');
    expect(warnings).toEqual([]);
  });
});

describe('FileTests with several kernels', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
    // What is known of images that are gone after the test stays out of the user's cache.
    process.env['KTSTR_CACHE_DIR'] = join(folder.path, 'cache');
  });
  afterEach(() => {
    if (KTSTR_CACHE_DIR === undefined) delete process.env['KTSTR_CACHE_DIR'];
    else process.env['KTSTR_CACHE_DIR'] = KTSTR_CACHE_DIR;
    folder[Symbol.dispose]();
  });

  /** Two tests as they are registered for two kernels, after the file has loaded. */
  async function names(options: TestOptions): Promise<{ names: unknown[]; kernels: unknown[] }> {
    writeTree(folder.path, { old: bzImage('6.12.1'), new: bzImage('6.18.2') });
    const kernels = [join(folder.path, 'old'), join(folder.path, 'new')];
    registrar = new HostRegistrar({ ...REGISTRAR_OPTIONS, kernels, onSkip: () => undefined });
    tests = new FileTests({ testPath: '/project/a.test.ts', registrar, warn: () => undefined });
    await registrar.prepare();
    const declared = registrar
      .labels(makeDeclared('split'))
      .map((label) => ({ ...makeDeclared('split', options), label }));
    for (const one of declared) {
      registrar.declare(one);
      addTest(root, `split [${one.label}]`, { declared: one });
    }
    send({ name: 'run_start' });
    const left = root.children as Circus.TestEntry[];
    expect(root.tests).toEqual(left);
    const known = left.map((test) => registrar.known(declaredOf(test as TreeTest)!));
    expect(known.map((test) => test?.id.title)).toEqual(left.map(() => 'split'));
    return { names: left.map(({ name }) => name), kernels: known.map((test) => test?.spec.kernel) };
  }

  test('gives each of the tests its kernel', async () => {
    expect(await names({})).toEqual({
      names: ['split [6.12.1]', 'split [6.18.2]'],
      kernels: [join(folder.path, 'old'), join(folder.path, 'new')],
    });
  });

  test.each<TestOptions>([{ kernel: '6.1' }, { hostOnly: true }])('has a test once that has %j', async (options) => {
    expect(await names(options)).toEqual({ names: ['split'], kernels: [options.kernel] });
  });

  test('says when the file declares a test that a kernel is not there', async () => {
    registrar = new HostRegistrar({ ...REGISTRAR_OPTIONS, kernels: ['/nowhere/bzImage'], onSkip: () => undefined });
    await registrar.prepare();
    const stack = expect.stringMatching(
      /^find a kernel[^]*\/nowhere\/bzImage: does not exist[^]*\n {4}at author \(a\.test\.ts:7:1\)$/,
    );
    expect(() => registrar.labels(makeDeclared('split'))).toThrow(expect.objectContaining({ stack }));
  });
});
