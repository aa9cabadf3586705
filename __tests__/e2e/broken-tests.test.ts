import { expect, test } from '@jest/globals';
import { install, pack } from '../readme/packed';
import { E2E_TIMEOUT_MS, makeProject, startJest } from './run-jest';

interface Break {
  name: string;
  /** What stands in line 6 of the test. */
  line?: string;
  options?: string;
  /** What stands in the last line of the file. */
  fileEnd?: string;
  message: string;
  /** Line of the file. */
  at: number;
}

/** The ways to break a test, each with what its author has to read. */
const BREAKS: readonly Break[] = [
  { name: 'assertion', line: 'expect(split.workers).toHaveLength(3);', message: 'Received length: 4', at: 6 },
  { name: 'error', line: `throw new RangeError('no such CPU');`, message: 'RangeError: no such CPU', at: 6 },
  { name: 'exit', line: 'process.exit(3);', message: 'ended by process.exit with code 3', at: 6 },
  {
    name: 'loop',
    line: 'for (;;);',
    options: 'timeoutMs: 8000',
    message: 'did not return within its time budget of 8000 ms',
    at: 6,
  },
  { name: 'topology', options: 'cores: 0', message: 'cores: got 0, allowed is a whole number from 1', at: 3 },
  { name: 'mock', fileEnd: `jest.mock('node:fs');`, message: 'call jest.mock: it means nothing inside', at: 9 },
  {
    name: 'load',
    fileEnd: `if (process.pid === 1) throw new TypeError('not on the host');`,
    message: 'TypeError: not on the host',
    at: 9,
  },
];

const source = ({ line = '', options = 'llcs: 2', fileEnd = '' }: Break): string =>
  `import { CgroupDef, executeDefs, ktstrTest, type Ctx } from 'ktstr';
class Broken {
  @ktstrTest({ ${options}, durationMs: 200, notStuck: true, maxSpreadPct: 90 })
  async body(ctx: Ctx) {
    const split = await executeDefs(ctx, [CgroupDef.named('cg_0').workers(4)]);
    ${line}
    return split;
  } }
${fileEnd}
`;

test(
  'a test of the packed package that is broken says how, at the line that did it, in as many ways as there are',
  async () => {
    using project = makeProject({
      'whole.test.ts': source({ name: 'whole', message: '', at: 0 }),
      ...Object.fromEntries(BREAKS.map((each) => [`${each.name}.test.ts`, source(each)])),
    });
    using packed = pack();
    install(packed, project);
    const { stderr } = await startJest(project).finished;
    const reports = stderr.split(/^(?=PASS |FAIL |Test Suites:)/m);
    const reportOf = (name: string): string =>
      reports.find((report) => report.split('\n')[0]?.includes(`./${name}.test.ts`)) ?? stderr;
    for (const { name, message, at } of BREAKS) {
      expect(reportOf(name)).toMatch(/^FAIL/);
      expect(reportOf(name)).toContain(message);
      expect(reportOf(name)).toMatch(new RegExp(`^ *> +${at} \\|`, 'm'));
      expect(reportOf(name).match(/^ {2}● /gm)).toHaveLength(1);
    }
    expect(reportOf('whole')).toMatch(/^PASS/);
  },
  E2E_TIMEOUT_MS,
);
