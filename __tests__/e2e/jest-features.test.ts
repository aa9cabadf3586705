import { describe, expect, jest, test } from '@jest/globals';
import { E2E_TIMEOUT_MS, expectInOrder, expectStatuses, failureOf, makeProject, runJest, startJest } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const one = `
  import { ktstrTest } from 'ktstr';
  class One {
    @ktstrTest()
    inGuest() { expect(process.pid).toBe(1); }

    @ktstrTest({ hostOnly: true })
    fails() { throw new Error('one failed'); }
  }`;

const two = one.replaceAll('One', 'Two').replaceAll('one', 'two');

/** A test of the first boot and one of the second, which the environment tells apart through a file that it changes on a retry. */
const retried = `
  import { ktstrTest } from 'ktstr';
  import { readFileSync } from 'node:fs';
  jest.retryTimes(1, { logErrorsBeforeRetry: true });
  class Retried {
    @ktstrTest({ includeFiles: [${'`${process.env.PROJECT}/attempt`'}] })
    secondTime() { expect(readFileSync('/include-files/attempt', 'utf8')).toBe('second'); }
  }`;

const retryingEnvironment = `
  const { withKtstr } = require('ktstr/environment');
  const { writeFileSync } = require('node:fs');
  class Base extends require('jest-environment-node').TestEnvironment {
    handleTestEvent(event) { if (event.name === 'test_retry') writeFileSync(process.env.PROJECT + '/attempt', 'second'); }
  }
  module.exports = withKtstr(Base);`;

describe('Jest', () => {
  test('-t runs what it names and boots nothing else; --json --ci prints the results', async () => {
    const run = await runJest({ 'one.test.ts': one }, { args: ['--json', '--ci', '-t', 'One inGuest'], json: false });
    expect(run.exitCode).toBe(0);
    const results = JSON.parse(run.stdout) as { testResults: { assertionResults: { status: string }[] }[] };
    expect(results).toMatchObject({ success: true, numPassedTests: 1, numPendingTests: 1 });
    expect(results.testResults[0]?.assertionResults.map(({ status }) => status)).toEqual(['passed', 'pending']);
  });

  test('--shard splits files and --bail leaves out what comes after a failure', async () => {
    using project = makeProject({ 'one.test.ts': one, 'two.test.ts': two });
    const filesOf = async (...args: string[]) => {
      const run = await startJest(project, { args: [...args, '-t', 'fails'] }).finished;
      expect(run.exitCode).toBe(1);
      return [...run.stderr.matchAll(/^FAIL \.\/(\w+)\.test\.ts/gm)].map(([, name]) => name);
    };
    const [first, ...others] = [...(await filesOf('--shard=1/2')), ...(await filesOf('--shard=2/2'))];
    expect(others).toEqual([first === 'one' ? 'two' : 'one']);
    expect(await filesOf('--runInBand')).toHaveLength(2);
    expect(await filesOf('--runInBand', '--bail')).toHaveLength(1);
  });

  test('ktstrTest.only and ktstrTest.skip choose tests as test.only and test.skip do', async () => {
    const focused = one.replace('@ktstrTest()', '@ktstrTest.only()');
    const skipping = two.replace('@ktstrTest({', '@ktstrTest.skip({');
    const run = await runJest({ 'one.test.ts': focused, 'two.test.ts': skipping });
    expectStatuses(run, {
      'One inGuest': 'passed',
      'One fails': 'pending',
      'Two inGuest': 'passed',
      'Two fails': 'pending',
    });
  });

  test('jest.retryTimes boots a failed test again, and what it failed of is reported', async () => {
    const config = { preset: 'ktstr', testEnvironment: '<rootDir>/environment.cjs' };
    const files = { 'a.test.ts': retried, 'environment.cjs': retryingEnvironment, attempt: 'first' };
    using project = makeProject(files, { config });
    const run = await startJest(project, { env: { PROJECT: project.dir } }).finished;
    expectStatuses(run, { 'Retried secondTime': 'passed' });
    const [result] = run.results?.testResults[0]?.assertionResults ?? [];
    expect(result).toMatchObject({ invocations: 2, retryReasons: [expect.stringContaining('Received: "first"')] });
    expectInOrder(run.stderr, ['RETRY 1', 'Received: "first"', '> 7 |', '✓ secondTime']);
  });
});

const bodies = `
  import { ktstrTest } from 'ktstr';
  afterEach(() => { if (expect.getState().currentTestName === 'Bodies several') throw new Error('and the hook'); });
  class Bodies {
    @ktstrTest()
    several() {
      expect.assertions(2);
      expect({ load: 1 }).toEqual({ load: 2 });
    }

    @ktstrTest()
    snapshot() {
      expect(process.pid).toMatchSnapshot();
    }

    @ktstrTest()
    module() {
      jest.useFakeTimers();
    }

    @ktstrTest()
    mocks() {
      expect.assertions(3);
      const spy = jest.spyOn(Math, 'random').mockReturnValue(0.25);
      const called = jest.fn((load: number) => load * Math.random());
      expect(called(4)).toBe(1);
      expect(spy).toHaveBeenCalledTimes(1);
      expect(called.mock.calls).toEqual([[4]]);
    }

    @ktstrTest()
    cause() {
      throw new TypeError('outer', { cause: new RangeError('inner') });
    }
  }`;

describe('a test body in the guest', () => {
  test("has Jest's expect and mocks; each error of a test is shown by itself, at its line", async () => {
    const run = await runJest({ 'a.test.ts': bodies });
    expectStatuses(run, {
      'Bodies several': 'failed',
      'Bodies snapshot': 'failed',
      'Bodies module': 'failed',
      'Bodies mocks': 'passed',
      'Bodies cause': 'failed',
    });
    expectInOrder(run.stderr, [
      ...['● Bodies › several', '-   "load": 2,', '+   "load": 1,', '>  8 |'],
      ...['● Bodies › several', 'and the hook', '> 3 |'],
      ...['● Bodies › several', 'expect.assertions(2)', '>  7 |'],
      ...['● Bodies › snapshot', '> 13 |', '● Bodies › module', '> 18 |', '● Bodies › cause', '> 33 |'],
    ]);
    expect(failureOf(run, 'Bodies snapshot')).toContain('Use it in the option after(result), which runs on the host');
    expect(failureOf(run, 'Bodies module')).toContain('call jest.useFakeTimers: it means nothing inside a guest');
    expect(failureOf(run, 'Bodies cause')).toMatch(
      /^TypeError: outer\n.*a\.test\.ts:33:\d+\)\n\nCause: RangeError: inner\n.*a\.test\.ts:33:\d+\)$/,
    );
  });

  test('after(result) gets the whole result on the host, where snapshots are written, kept and compared', async () => {
    const files = {
      'a.test.ts': `
        import { fail, ktstrTest } from 'ktstr';
        const after = (result) => expect({
          pid: process.pid === 1, outcome: result.outcome, machine: result.machine, cpus: result.topology.cpus,
          stages: Object.keys(result.stages), color: process.env.COLOR,
        }).toMatchSnapshot();
        ktstrTest('kept', { after }, () => {});`,
    };
    using project = makeProject(files);
    const env = { COLOR: 'red' };
    expectStatuses(await startJest(project, { args: ['--ci=false'], env }).finished, { kept: 'passed' });
    const snapshot = project.read('__snapshots__/a.test.ts.snap');
    expect(snapshot).toMatch(
      /"color": "red",\n\s+"cpus": \[\n\s+0,\n\s+1,\n\s+\],\n\s+"machine": "emulated",\n\s+"outcome": "pass",\n\s+"pid": false,/,
    );
    expectStatuses(await startJest(project, { args: ['--ci'], env }).finished, { kept: 'passed' });
    const changed = await startJest(project, { args: ['--ci'], env: { COLOR: 'blue' } }).finished;
    expectStatuses(changed, { kept: 'failed' });
    expect(failureOf(changed, 'kept')).toMatch(/-\s+"color": "red",\n\s*\+\s+"color": "blue",/);
    expect(project.read('__snapshots__/a.test.ts.snap')).toBe(snapshot);
  });
});
