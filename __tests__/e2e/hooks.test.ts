import { describe, expect, jest, test } from '@jest/globals';
import { E2E_TIMEOUT_MS, failureOf, runJest, expectStatuses } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const HOOKS = ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'];

/** Hooks that say where they run, and a test for each place; what is said looks like `[guest beforeAll]`. */
const speaking = `
  import { ktstrDefaults, ktstrTest } from 'ktstr';
  const where = process.pid === 1 ? 'guest' : 'host';
  const said: string[] = [];
  const say = (what: string): void => { said.push(what); console.log('[' + where + ' ' + what + ']'); };
  ${HOOKS.map((hook) => `${hook}(async () => say('${hook}'));`).join('\n')}

  class Inside {
    @ktstrTest()
    body() { say('body'); expect(said).toEqual(['beforeAll', 'beforeEach', 'body']); }
  }
`;

const alsoOnHost = `${speaking}
  class Outside {
    @ktstrTest({ hostOnly: true })
    body() { say('hostOnly body'); }
  }
  describe('block', () => {
    beforeEach(() => say('hook of the block'));
    test('plain', () => say('plain body'));
  });
`;

const failing = `
  import { ktstrTest } from 'ktstr';
  beforeEach(() => { throw new Error('the first hook broke'); });
  afterEach(() => { throw new Error('the last hook broke as well'); });
  class Broken {
    @ktstrTest()
    body() {}
  }
`;

function saidIn(output: string): string[] {
  return [...output.matchAll(/\[((?:guest|host) [^\]]+)\]/g)].map(([, what]) => what ?? '');
}

const insideGuest = ['guest beforeAll', 'guest beforeEach', 'guest body', 'guest afterEach', 'guest afterAll'];

describe('hooks of a file', () => {
  test('run in the guest alone when all tests of the file run there, whatever -t leaves out', async () => {
    const alone = await runJest({ 'a.test.ts': speaking }, { args: ['--verbose'] });
    expectStatuses(alone, { 'Inside body': 'passed' });
    expect(saidIn(alone.stderr)).toEqual(insideGuest);
    const filtered = await runJest({ 'a.test.ts': alsoOnHost }, { args: ['--verbose', '-t', 'Inside'] });
    expectStatuses(filtered, {
      'Inside body': 'passed',
      'Outside body': 'pending',
      'block plain': 'pending',
    });
    expect(saidIn(filtered.stderr)).toEqual(insideGuest);
  });

  test('run on the host for plain and hostOnly tests of a file that also has tests in the guest', async () => {
    const run = await runJest({ 'a.test.ts': alsoOnHost }, { args: ['--verbose'] });
    expectStatuses(run, { 'Inside body': 'passed', 'Outside body': 'passed', 'block plain': 'passed' });
    const said = saidIn(run.stderr);
    expect(said.filter((what) => what.startsWith('guest'))).toEqual(insideGuest);
    expect(said.filter((what) => what.startsWith('host'))).toEqual([
      'host beforeAll',
      ...['host beforeEach', 'host hostOnly body', 'host afterEach'],
      ...['host beforeEach', 'host hook of the block', 'host plain body', 'host afterEach'],
      'host afterAll',
    ]);
  });

  test('fail the test when they throw in the guest, each with its own message', async () => {
    const run = await runJest({ 'a.test.ts': failing });
    const failure = failureOf(run, 'Broken body');
    expect(failure).toContain('Error: the first hook broke\n');
    expect(failure).toContain('the last hook broke as well');
    expect(run.stderr).toMatch(/> 3 \| {3}beforeEach\(\(\) => { throw new Error\('the first hook broke'\)/);
  });
});
