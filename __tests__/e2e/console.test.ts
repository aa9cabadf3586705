import { expect, jest, test } from '@jest/globals';
import { E2E_TIMEOUT_MS, expectStatuses, runJest } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const source = `import { ktstrTest } from 'ktstr';
import { warn } from './warn';

class Talking {
  @ktstrTest()
  body() {
    console.log('pid %d says', process.pid, { a: 1 });
    console.info('info');
    console.debug('debug');
    console.error(new Error('an error'));
    warn('from a helper');
    console.group('outer');
    console.log('grouped\\nin two lines');
    console.groupEnd();
    console.table([{ column: 'cell' }]);
    console.assert(false, 'not so');
    process.stdout.write('bare output');
  }
}
`;

const files = {
  'talking.test.ts': source,
  'warn.ts': 'export function warn(text: string): void {\n  console.warn(text);\n}\n',
  // With one file alone Jest is verbose by itself.
  'other.test.ts': `test('other', () => {});`,
};

/** An entry as Jest prints it: type, text, place. */
const printed = [
  /console\.log\n\s+pid 1 says \{ a: 1 \}\n\n\s+at Talking\.body \(talking\.test\.ts:7:13\)/,
  /console\.info\n\s+info\n\n\s+at Talking\.body \(talking\.test\.ts:8:13\)/,
  /console\.debug\n\s+debug\n\n\s+at Talking\.body \(talking\.test\.ts:9:13\)/,
  /console\.error\n\s+Error: an error\n\s+at Talking\.body \(.*\/talking\.test\.ts:10:19\)\n(?:.*\n)*?\s+> 10 \| .*\n(?:.*\n)*?\s+at Talking\.body \(talking\.test\.ts:10:13\)/,
  /console\.warn\n\s+from a helper\n(?:.*\n)*?\s+> 2 \| {3}console\.warn\(text\);\n(?:.*\n)*?\s+at warn \(warn\.ts:2:11\)\n\s+at Talking\.body \(talking\.test\.ts:11:5\)/,
  /console\.log\n( +)outer\n/,
  /console\.log\n {6,8}grouped\n {6,8}in two lines\n/,
  /console\.warn\n\s+Assertion failed: not so\n/,
];

test.each([
  ['a verbose Jest, at once', ['--verbose']],
  ['a Jest that buffers', ['--no-verbose']],
])("the guest's console reaches %s, with the author's lines", async (_, args) => {
  const run = await runJest(files, { args });
  expectStatuses(run, { 'Talking body': 'passed', other: 'passed' });
  for (const pattern of printed) expect(run.stderr).toMatch(pattern);
  expect(run.stderr.match(/^\s+console\.\w+$/gm)).toHaveLength(9);
  expect(run.stderr).not.toMatch(/runtime\.js|\/ktstr\/|node:internal/);
});

test('--silent keeps the console of the guest quiet', async () => {
  const run = await runJest(files, { args: ['--silent'] });
  expectStatuses(run, { 'Talking body': 'passed', other: 'passed' });
  expect(run.stderr).not.toContain('says');
});

test('a test with verbose tells its figures though it passes, with the line of its declaration', async () => {
  const source = `import { CgroupDef, executeDefs, ktstrTest, type Ctx } from 'ktstr';
class Fairness {
  @ktstrTest({ verbose: true, cores: 2, durationMs: 500, maxGapMs: false, maxSpreadPct: false })
  async split(ctx: Ctx) { return executeDefs(ctx, [CgroupDef.named('all').workers(2)]); }
}
`;
  const run = await runJest({ 'fairness.test.ts': source });
  expectStatuses(run, { 'Fairness split': 'passed' });
  expect(run.stderr).toMatch(
    /console\.info\n\s+Fairness split: pass \[emulated 1n1l2c1t eevdf\]\n\s+all: 2 workers on \d CPUs?, .*\n\s+tasks LLC 0 {2}\S+ {2}min .*\n/,
  );
  expect(run.stderr).toMatch(/\n\s+idle CPUs {4}.*%\n\s+at .*fairness\.test\.ts:3:3/);
});
