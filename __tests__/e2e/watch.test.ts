import { expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { isRequired } from '../required';
import { E2E_TIMEOUT_MS, expectInOrder, jestCommand, makeProject, type Project } from './run-jest';
import { hasTerminals, Terminal } from './terminal';

jest.setTimeout(E2E_TIMEOUT_MS);

/** Chosen: one machine on a host that is busy with others. */
const RUN_MS = 120_000;
const ANSWER_MS = 30_000;

/** Where the program for it is missing, the test fails only when nothing may be left out. */
const testInTerminal = hasTerminals() || isRequired ? test : test.skip;

const expecting = (pid: number): string => `import { ktstrTest } from 'ktstr';
class Watched {
  @ktstrTest()
  body() {
    expect(process.pid).toBe(${pid});
  }
}
`;

function commitAll({ dir }: Project): void {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: dir, stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '--quiet', '-m', 'all');
}

testInTerminal('jest --watch runs a declared test whenever its file changes, until it is told to quit', async () => {
  using project = makeProject({ 'watched.test.ts': expecting(0), '.gitignore': 'node_modules\n' });
  commitAll(project);
  using terminal = new Terminal({
    ...jestCommand(project, { args: ['--watch'], json: false }),
    cwd: project.dir,
  });
  await terminal.waitFor(/No tests found related to files changed since last commit/, ANSWER_MS);

  project.write({ 'watched.test.ts': expecting(1) });
  const passed = await terminal.waitFor(/Tests: +1 passed, 1 total[^]*Ran all test suites/, RUN_MS);
  expectInOrder(passed, ['PASS', 'watched.test.ts', '✓ body', 'Ran all test suites related to changed files']);

  project.write({ 'watched.test.ts': expecting(2) });
  // Only after its last words does Jest take a key for more than an interruption of the run.
  const failed = await terminal.waitFor(/Tests: +1 failed, 1 total[^]*Ran all test suites[^]*Watch Usage/, RUN_MS);
  expectInOrder(failed, ['FAIL', '● Watched › body', 'Expected: 2', 'Received: 1', '> 5 |', 'watched.test.ts:5:25']);

  terminal.type('q');
  expect(await terminal.exitCode(ANSWER_MS)).toBe(0);
});
