import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleRuntime } from '../../../initramfs/bundle-runtime';
import { stubFor } from '../../../initramfs/runtime-stubs';

const ENTRY = `
import { addEventHandler, beforeEach, describe, run, test } from 'jest-circus';
import { expect } from 'expect';

const results: [name: string, ...errors: string[]][] = [];
addEventHandler((event) => {
  if (event.name !== 'test_done') return;
  results.push([event.test.name, ...event.test.errors.map(([thrown]) => thrown.message)]);
});

let prepared = 0;
beforeEach(() => { prepared += 1; });
describe('a block', () => {
  test('passes', () => expect(prepared).toBe(1));
  test('differs', () => expect({ a: 1, list: [1, 2] }).toEqual({ a: 1, list: [1, 3] }));
  test('throws something else', () => expect(() => { throw new RangeError('boom'); }).toThrow('bang'));
  test('rejects', async () => await expect(Promise.reject(new Error('late'))).resolves.toBe(1));
  test.each([[1, 2]])('row %i and %i', (a, b) => expect(a).toBe(b));
  test('calls back', (done) => { setImmediate(done); });
});

void run().then(() => process.stdout.write(JSON.stringify(results)));
`;

let folder: string;
let outfile: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ktstr-runtime-'));
  outfile = join(folder, 'out', 'runtime.js');
  writeFileSync(join(folder, 'entry.ts'), ENTRY);
  symlinkSync(resolve(__dirname, '../../../node_modules'), join(folder, 'node_modules'));
  await bundleRuntime(join(folder, 'entry.ts'), outfile);
  rmSync(join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** First message of each failed test by name, undefined for the ones that passed. */
function runBundle(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const output = execFileSync(process.execPath, [outfile], { encoding: 'utf8', env, cwd: '/' });
  const results = JSON.parse(output) as [string, string?][];
  return Object.fromEntries(results.map(([name, message]) => [name, message]));
}

describe('bundleRuntime()', () => {
  test('makes a file of its own that runs tests of all forms', () => {
    const results = runBundle({});
    expect(Object.keys(results)).toHaveLength(6);
    expect(results).toMatchObject({ passes: undefined, 'calls back': undefined });
  });

  test('keeps what matchers say, with differences', () => {
    const results = runBundle({});
    expect(results['differs']).toBe(
      [
        'expect(received).toEqual(expected) // deep equality',
        '',
        '- Expected  - 1',
        '+ Received  + 1',
        '',
        '  Object {',
        '    "a": 1,',
        '    "list": Array [',
        '      1,',
        '-     3,',
        '+     2,',
        '    ],',
        '  }',
      ].join('\n'),
    );
    expect(results['throws something else']).toContain('Expected substring: "bang"\nReceived message:   "boom"');
    expect(results['rejects']).toContain('Received promise rejected instead of resolved');
    expect(results['row 1 and 2']).toContain('Expected: 2\nReceived: 1');
  });

  test('draws no code frame of itself', () => {
    expect(runBundle({})['throws something else']).not.toContain('|');
  });

  test.each([
    { FORCE_COLOR: undefined, isColored: false },
    { FORCE_COLOR: '0', isColored: false },
    { FORCE_COLOR: '1', isColored: true },
    { FORCE_COLOR: '', isColored: true },
  ])('colours messages as FORCE_COLOR=$FORCE_COLOR says: $isColored', ({ FORCE_COLOR, isColored }) => {
    expect(runBundle({ FORCE_COLOR })['differs']?.includes('\x1b[32m')).toBe(isColored);
  });

  test('leaves out what is for the host only', () => {
    // 201 kB as measured; a package of the host that slips in brings hundreds.
    expect(statSync(outfile).size).toBeLessThan(300_000);
    const required = [...readFileSync(outfile, 'utf8').matchAll(/require\("(?:node:)?([^"]+)"\)/g)].map(
      (match) => match[1],
    );
    expect(required.filter((name) => !builtinModules.includes(name ?? '') || name === 'tty')).toEqual([]);
  });
});

test.each([
  { specifier: '@babel/traverse', expected: '' },
  { specifier: '@babel/code-frame', expected: expect.stringContaining('codeFrameColumns') as unknown },
  { specifier: 'expect', expected: undefined },
  { specifier: 'jest-snapshot-x', expected: undefined },
  { specifier: 'toString', expected: undefined },
])('stubFor() gives $expected for $specifier', ({ specifier, expected }) => {
  expect(stubFor(specifier)).toEqual(expected);
});
