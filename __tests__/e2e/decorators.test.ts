import { describe, expect, jest, test } from '@jest/globals';
import { E2E_TIMEOUT_MS, loadFailureOf, runJest, expectStatuses, type Statuses } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

/** Tests that hold under both kinds of decorators; all but one need no machine. */
const sources = {
  'defaults.test.ts': `
    import { ktstrDefaults, ktstrTest, type Ctx } from 'ktstr';
    import { expect } from '@jest/globals';

    @ktstrDefaults({ hostOnly: true, durationMs: 100, workersPerCgroup: 3, seed: 7 })
    class Base {
      @ktstrTest()
      own({ durationMs, workersPerCgroup, seed }: Ctx) {
        expect({ durationMs, workersPerCgroup, seed }).toEqual({
          durationMs: 100, workersPerCgroup: 3, seed: 7 });
      }
    }

    @ktstrDefaults({ workersPerCgroup: 5, seed: undefined })
    class Derived extends Base {
      @ktstrTest({ durationMs: 200 })
      layered({ durationMs, workersPerCgroup, seed }: Ctx) {
        expect({ durationMs, workersPerCgroup, seed }).toEqual({
          durationMs: 200, workersPerCgroup: 5, seed: 7 });
      }
    }`,
  'instance.test.ts': `
    import { ktstrDefaults, ktstrTest } from 'ktstr';
    import { expect } from '@jest/globals';

    @ktstrDefaults({ hostOnly: true })
    export class Instance {
      count = 0;
      increase() { return ++this.count; }

      @ktstrTest()
      one() { expect(this.increase()).toBe(1); }

      @ktstrTest()
      async two() { expect(this.increase()).toBe(1); }
    }`,
  'guest.test.ts': `
    import { ktstrDefaults, ktstrTest, type Ctx } from 'ktstr';
    import { describe, expect } from '@jest/globals';

    @ktstrDefaults({ llcs: 2 })
    class Machine {
      readonly llcs = 2;

      @ktstrTest({ cores: 1 })
      asMerged({ topology }: Ctx) {
        expect(process.pid).toBe(1);
        expect(topology.llcs.map((llc) => llc.cpus)).toEqual([[0], [1]]);
        expect(topology.llcs).toHaveLength(this.llcs);
      }
    }

    describe('in a block', () => {
      ktstrTest('a function', { cores: 1 }, async ({ topology }) => {
        expect(process.pid).toBe(1);
        expect(topology.cpus).toEqual([0]);
      });
    });`,
};

const passed: Statuses = {
  'Base own': 'passed',
  'Derived layered': 'passed',
  'Instance one': 'passed',
  'Instance two': 'passed',
  'Machine asMerged': 'passed',
  'in a block a function': 'passed',
};

const standard = (decoratorVersion: string) => ({
  testEnvironment: 'ktstr/environment',
  testEnvironmentOptions: { ktstr: { decorators: 'standard' } },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { decoratorVersion },
          target: 'es2022',
        },
      },
    ],
  },
});

describe('ktstrTest()', () => {
  test.each([
    ['legacy decorators', { preset: 'ktstr' }],
    ['standard decorators', standard('2022-03')],
  ])('declares methods with the options of their classes, each on its own instance, under %s', async (_, config) => {
    const run = await runJest(sources, { config });
    expectStatuses(run, passed);
    expect(run.exitCode).toBe(0);
  });

  test('declares them under standard decorators as esbuild compiles them', async () => {
    const { 'guest.test.ts': _, ...files } = sources;
    const transformer = `const { transformSync } = require('esbuild');
      exports.process = (text, sourcefile) => transformSync(text, {
        sourcefile, loader: 'ts', format: 'cjs', target: 'node20', sourcemap: 'inline', keepNames: true });`;
    const config = { ...standard('2022-03'), transform: { '\\.ts$': '<rootDir>/esbuild.cjs' } };
    const run = await runJest({ ...files, 'esbuild.cjs': transformer }, { config });
    const { 'Machine asMerged': _1, 'in a block a function': _2, ...expected } = passed;
    expectStatuses(run, expected);
  });

  test('fails the file under standard decorators when the class has no decorator, and says what it needs', async () => {
    const source = `import { ktstrTest } from 'ktstr';
class Bare {
  @ktstrTest({ llcs: 2 })
  method() {}
}`;
    const run = await runJest({ 'a.test.ts': source }, { config: standard('2022-03') });
    expect(run.exitCode).toBe(1);
    const message = loadFailureOf(run, 'a.test.ts');
    expect(message).toContain('Put @ktstrDefaults() on the class');
    expect(message).toMatch(/> 3 \| {3}@ktstrTest\({ llcs: 2 }\)/);
  });
});
