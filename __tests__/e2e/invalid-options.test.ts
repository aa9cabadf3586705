import { expect, jest, test } from '@jest/globals';
import { E2E_TIMEOUT_MS, expectInOrder, loadFailureOf, runJest } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const method = (options: string): string => `import { ktstrDefaults, ktstrTest } from 'ktstr';

export class Wrong {
  field = 'é';

  @ktstrTest(${options})
  method() {}
}
`;

const atStartOfLine = `import { ktstrTest } from 'ktstr';
class Wrong {
@ktstrTest({ llcs: 0 })
method() {}
}
`;

const inBlock = `import { ktstrDefaults, ktstrTest } from 'ktstr';
describe('block', () => {
  @ktstrDefaults({ threads: 3 })
  class Wrong {
    @ktstrTest()
    right() {}

    @ktstrTest({ cores: 200 })
    'two words'() {}
  }
});
`;

const asFunction = `import { ktstrTest } from 'ktstr';
test('is not run either', () => {});

ktstrTest('Wrong.method', { durationMs: 5000, timeoutMs: 4000 }, () => {});
`;

const files = [
  {
    ...{ name: 'type', source: method(`{ llcs: 'two' }`), at: /> +6 \| {3}@ktstrTest\({ llcs: 'two' }\)\n\s+\| {3}\^/ },
    issues: ['llcs: got "two", allowed is a whole number from 1 to 252, e.g. llcs: 2'],
  },
  {
    ...{ name: 'several', source: method(`{ threads: 9, machine: 'metal' }`), at: /> +6 \| {3}@ktstrTest\(/ },
    issues: [
      'threads: got 9, allowed is a whole number from 1 to 8, e.g. threads: 2',
      `machine: got "metal", allowed is one of auto, kvm, emulated, deterministic, e.g. machine: 'deterministic'`,
    ],
  },
  {
    ...{ name: 'typo', source: method('{ core: 2 }'), at: /> +6 \| {3}@ktstrTest\(/ },
    issues: ['core: got 2, allowed is the option cores, if that was meant, or another one of numaNodes, llcs, cores'],
  },
  {
    ...{ name: 'contradiction', source: method('{ numaNodes: 2, llcs: 3 }'), at: /> +6 \| {3}@ktstrTest\(/ },
    issues: ['llcs: got 3, allowed is a multiple of numaNodes, which is 2, e.g. llcs: 4'],
  },
  {
    ...{ name: 'host', source: method('{ hostOnly: true, llcs: 2 }'), at: /> +6 \| {3}@ktstrTest\(/ },
    issues: ['llcs: got 2, allowed is nothing with hostOnly, which runs without a machine, e.g. hostOnly: false'],
  },
  {
    ...{ name: 'unindented', source: atStartOfLine, at: /> +3 \| @ktstrTest\({ llcs: 0 }\)\n\s+\| \^/ },
    issues: ['llcs: got 0, allowed is a whole number from 1 to 252, e.g. llcs: 2'],
  },
  {
    ...{ name: 'block', source: inBlock, at: /> +8 \| {5}@ktstrTest\({ cores: 200 }\)\n\s+\| {5}\^/ },
    issues: ['llcs * cores * threads: got 1 * 200 * 3 = 600 CPUs, allowed is at most 252 CPUs in all, e.g. llcs: 4,'],
  },
  {
    ...{ name: 'function', source: asFunction, at: /> +4 \| ktstrTest\('Wrong\.method'.*\n\s+\| +\^/ },
    issues: ['timeoutMs: got 4000, allowed is more than durationMs, which is 5000, e.g. timeoutMs: 20000'],
  },
];

test('impossible options fail their file before anything runs, each with value, what is allowed, example and line', async () => {
  const sources = Object.fromEntries(files.map(({ name, source }) => [`${name}.test.ts`, source]));
  const run = await runJest(sources);
  expect(run.exitCode).toBe(1);
  expect(run.results).toMatchObject({ numRuntimeErrorTestSuites: files.length, numTotalTests: 0 });
  for (const { name, issues, at } of files) {
    const message = loadFailureOf(run, `${name}.test.ts`);
    const count = issues.length === 1 ? 'an option is not possible' : `${issues.length} options are not possible`;
    expectInOrder(message, ['Test suite failed to run', 'declare Wrong.', count, ...issues]);
    expect(message).toMatch(at);
    expect(message).not.toMatch(/dist\/|environment\//);
  }
});
