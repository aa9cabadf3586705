import {
  addEventHandler,
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  getState,
  it,
  run,
  test,
} from 'jest-circus';
import type { Circus } from '@jest/types';
import { expect } from 'expect';

import { HarnessError } from '../errors';
import type { GuestErrorData } from '../protocol/messages';
import { fullName, identifyTests } from '../spec/declare/identify';
import type { TestId } from '../spec/declare/test-spec';
import { toGuestError } from './guest-error';
import { jestObject, TEST_TIMEOUT } from './jest-object';
import { snapshotMatchers } from './snapshot-matchers';

/** What Jest puts on the global of a test file, and what `@jest/globals` exports. */
export const jestGlobals: Record<string, unknown> = {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest: jestObject,
  test,
  fdescribe: describe.only,
  fit: it.only,
  xdescribe: describe.skip,
  xit: it.skip,
  xtest: test.skip,
};

/** The registrar ends a body that takes too long; jest-circus must not do so before it. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Loads a test file and runs exactly one of its declared tests, with the hooks that apply to it. Resolves with the errors of the file,
 * the hooks and the body, in that order of time.
 *
 * @param hookTimeoutMs what each hook has, unless the file says otherwise
 */
export async function runOneTest(id: TestId, load: () => void, hookTimeoutMs: number): Promise<GuestErrorData[]> {
  Object.assign(globalThis, jestGlobals, { [TEST_TIMEOUT]: hookTimeoutMs });
  expect.extend(snapshotMatchers);
  let chosen: Circus.TestEntry | undefined;
  addEventHandler((event: Circus.Event, state: Circus.State) => {
    if (event.name === 'run_start') chosen = focus(state, id);
    if (event.name === 'test_start') expect.setState({ currentTestName: fullName(id), assertionCalls: 0 });
    if (event.name === 'test_done' && event.test === chosen) addAssertionErrors(chosen);
  });
  process.on('uncaughtException', (error) => chosen?.errors.push(error));
  process.on('unhandledRejection', (reason) => chosen?.errors.push(reason as Circus.Exception));
  try {
    load();
  } catch (error) {
    return [toGuestError(error)];
  }
  await run();
  if (!chosen) return [toGuestError(notInBundle(id))];
  const loose = getState().unhandledErrors as unknown[];
  return [...chosen.errors, ...loose].map(flatten);
}

/** Makes the chosen test the only one that is not skipped, whatever `only` and `skip` the file uses. */
function focus(state: Circus.State, id: TestId): Circus.TestEntry | undefined {
  state.hasFocusedTests = false;
  const { title, occurrence } = id;
  const ancestors = id.ancestors.join('\0');
  const found = identifyTests<Circus.TestEntry>(state.rootDescribeBlock).find(
    (entry) =>
      entry.id.title === title && entry.id.occurrence === occurrence && entry.id.ancestors.join('\0') === ancestors,
  )?.test;
  visitTests(state.rootDescribeBlock, (entry) => {
    entry.mode = entry === found ? undefined : 'skip';
  });
  for (let block = found?.parent; block; block = block.parent) block.mode = undefined;
  if (found) found.timeout = LONGEST_TIMER_MS;
  return found;
}

function visitTests(block: Circus.DescribeBlock, visit: (test: Circus.TestEntry) => void): void {
  for (const child of block.children) {
    if (child.type === 'describeBlock') visitTests(child, visit);
    else visit(child);
  }
}

/** `expect.assertions` and `expect.hasAssertions` are judged after the test, as Jest's own adapter does. */
function addAssertionErrors(test: Circus.TestEntry): void {
  for (const { error } of expect.extractExpectedAssertionsErrors()) test.errors.push(error);
  const { suppressedErrors } = expect.getState();
  expect.setState({ suppressedErrors: [] });
  for (const error of suppressedErrors ?? []) test.errors.push(error);
}

function flatten(error: unknown): GuestErrorData {
  if (!Array.isArray(error)) return toGuestError(error);
  const [thrown, definedAt] = error as [unknown, Error];
  return toGuestError(thrown, definedAt);
}

function notInBundle(id: TestId): HarnessError {
  const available = identifyTests(getState().rootDescribeBlock).map((entry) => fullName(entry.id));
  return new HarnessError('test-not-found', { test: fullName(id), file: id.file, available });
}
