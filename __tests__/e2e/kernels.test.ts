import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheDir, storedKernels, storeKernel } from '../../src/host/kernel/store';
import { E2E_TIMEOUT_MS, expectStatuses, loadFailureOf, runJest } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const COPY = '6.99.0-copy';

const FILE = `
  import { ktstrDefaults, ktstrTest } from 'ktstr';

  class Each {
    @ktstrTest()
    boots() { expect(process.pid).toBe(1); }

    @ktstrTest({ kernel: '${COPY}' })
    namesOne() {}
  }

  @ktstrDefaults({ kernel: '${COPY}' })
  class ByDefault {
    @ktstrTest()
    namesOne() {}
  }

  class Host {
    @ktstrTest({ hostOnly: true })
    needsNone() { expect(process.pid).not.toBe(1); }
  }

  test('plain', () => undefined);`;

const withKernels = (...kernels: string[]) => ({
  config: { preset: 'ktstr', testEnvironmentOptions: { ktstr: { kernels } } },
});

let cache: string;
let release: string;

/** A cache with two entries, which differ in what they say of themselves only. */
beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'ktstr-e2e-kernels-'));
  const kernel = storedKernels(cacheDir(process.env)).find(({ vmlinux }) => vmlinux === null);
  if (!kernel) throw new Error('there is no stored kernel to test with');
  release = kernel.release;
  for (const name of [release, COPY]) {
    await storeKernel(cache, async (folder) => {
      cpSync(kernel.folder, folder, { recursive: true, filter: (path) => basename(path) !== 'metadata.json' });
      const modules = kernel.modules.map((module) => join('modules', basename(module)));
      return Promise.resolve({ ...kernel, key: name, release: name, image: basename(kernel.image), modules });
    });
  }
});

afterAll(() => rmSync(cache, { recursive: true }));

describe('several kernels', () => {
  test('of the configuration: every test that needs a kernel and names none runs once with each', async () => {
    const options = withKernels('6.12', COPY);
    const run = await runJest(
      { 'a.test.ts': FILE },
      { ...options, env: { KTSTR_CACHE_DIR: cache, KTSTR_KERNEL: undefined } },
    );
    expectStatuses(run, {
      [`Each boots [${release}]`]: 'passed',
      [`Each boots [${COPY}]`]: 'passed',
      'Each namesOne': 'passed',
      'ByDefault namesOne': 'passed',
      'Host needsNone': 'passed',
      plain: 'passed',
    });
  });

  test('of KTSTR_KERNEL, which wins: -t takes the tests of one', async () => {
    const options = withKernels('9.99');
    const env = { KTSTR_CACHE_DIR: cache, KTSTR_KERNEL: `${release}, ${COPY}` };
    const run = await runJest({ 'a.test.ts': FILE }, { ...options, args: ['-t', `boots \\[${COPY}\\]`], env });
    expectStatuses(run, {
      [`Each boots [${release}]`]: 'pending',
      [`Each boots [${COPY}]`]: 'passed',
      'Each namesOne': 'pending',
      'ByDefault namesOne': 'pending',
      'Host needsNone': 'pending',
      plain: 'pending',
    });
  });

  test('fail the files that declare tests when one is not there, naming those that are', async () => {
    const files = { 'a.test.ts': FILE, 'b.test.ts': `test('plain', () => undefined);` };
    const options = withKernels('6.12', '9.99');
    const run = await runJest(files, { ...options, env: { KTSTR_CACHE_DIR: cache, KTSTR_KERNEL: undefined } });
    const failure = loadFailureOf(run, 'a.test.ts');
    expect(failure).toMatch(new RegExp(`9\\.99: neither [^]*holds .*${COPY}`));
    expect(failure).toMatch(/> 5 \| +@ktstrTest\(\)/);
    expect(run.results).toMatchObject({ numPassedTests: 1, numRuntimeErrorTestSuites: 1 });
  });
});
