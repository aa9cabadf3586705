import { describe, expect, test } from '@jest/globals';
import { failureError } from '../../../environment/failure-error';
import { laterErrors } from '../../../environment/author-error';
import type { GuestRun } from '../../../src/host/machine/guest-run';
import { GUEST_PATHS } from '../../../src/spec/declare/run-request';
import type { RunResult } from '../../../src/verdict/run-result';
import type { FailureDump } from '../../../src/verdict/monitor/failure-dump';
import type { Splat } from '../../../src/verdict/console/console-allow';
import { guestRun, runResult, specOf } from './finished-runs';
import { stackOf, useGuestBundle, type GuestBundle } from './guest-bundle';

const makeBundle = useGuestBundle();
const SOURCE = `
export function body(): void {
  throw new Error('here');
}`;
const DECLARATION = '    at Fairness.split (a.test.ts:2:3)';

interface Ended {
  run?: Partial<GuestRun>;
  result: Partial<RunResult>;
}

function errorOf({ run, result }: Ended, { mapper }: GuestBundle): Error | null {
  return failureError(specOf(), { run: guestRun(run), result: runResult(result), mapper }, DECLARATION);
}

/** The frames of an error's stack. */
const framesOf = (error: Error | null): string => (error?.stack ?? '').slice((error?.message.length ?? 0) + 1);

const SPLAT: Splat = {
  ...{ kind: 'hung-task', title: 'INFO: task hung', line: 'INFO: task node:9 blocked', lineNumber: 4 },
  ...{ context: ['INFO: task node:9 blocked for more than 1 seconds.'], expired: null },
};

describe('failureError()', () => {
  test('is null when nothing failed', async () => {
    expect(errorOf({ result: { failure: null } }, await makeBundle(SOURCE))).toBeNull();
  });

  test('points failed checks at the declaration', async () => {
    const details = [{ kind: 'unfair', outcome: 'fail', message: 'spread' } as const];
    const error = errorOf({ result: { failure: 'check-failed', details } }, await makeBundle(SOURCE));
    expect(error?.message).toContain('1 check failed');
    expect(framesOf(error)).toBe(DECLARATION);
  });

  test('tells a splat that nothing else failed beside, at the declaration', async () => {
    const error = errorOf({ result: { failure: 'kernel-splat', splats: [SPLAT] } }, await makeBundle(SOURCE));
    expect(error?.message).toMatch(
      /^Fairness split: the kernel complained[^]*\n {2}hung-task: INFO: task hung, line 4\n/,
    );
    expect(framesOf(error)).toBe(DECLARATION);
  });

  test.each<{ name: string; result: Partial<RunResult> }>([
    { name: 'a failed check', result: { failure: 'check-failed' } },
    { name: 'a lost guest', result: { failure: 'timed-out' } },
    {
      name: 'what the body threw',
      result: { failure: 'test-failed', errors: [{ name: 'E', message: 'no', stack: 'E: no\n    at f (a.ts:1:1)' }] },
    },
  ])('names splats behind the text of $name, above its frames', async ({ result }) => {
    const bundle = await makeBundle(SOURCE);
    const alone = errorOf({ result }, bundle);
    const error = errorOf({ result: { ...result, splats: [SPLAT, { ...SPLAT, lineNumber: 9 }] } }, bundle);
    const added = '\nconsole: hung-task: INFO: task hung, line 4, 2 times';
    expect(error?.message).toBe(`${alone?.message}${added}`);
    expect(error?.stack?.replace(added, '')).toBe(alone?.stack);
    expect(error?.stack).toMatch(/2 times\n {4}at /);
  });

  test('is what the body threw, as it was mapped, with the errors that came after it', async () => {
    const errors = [
      { name: 'Error', message: 'here', stack: 'Error: here\n    at body (a.test.ts:3:9)' },
      { name: 'Error', message: 'then', stack: '' },
    ];
    const error = errorOf({ result: { failure: 'test-failed', errors } }, await makeBundle(SOURCE));
    expect(error).toMatchObject(errors[0] ?? {});
    expect(laterErrors(error)).toMatchObject([{ message: 'then' }]);
  });

  test('shows what was seen of the guest behind the text of a body that did not return, above its frames', async () => {
    const bundle = await makeBundle(SOURCE);
    const errors = [{ name: 'BodyNeverReturned', message: 'still pending', stack: '' }];
    const dump: FailureDump = { version: 1, kernelRelease: null, sched: null, stacks: [], log: [], unavailable: ['a'] };
    const result = { failure: 'body-never-returned', errors, dump, dumpFile: 'a.json' } as const;
    const error = errorOf({ result }, bundle);
    const seen = 'the guest, seen from outside (all of it: a.json):\n  not read: a';
    expect(error?.message).toBe(`still pending\n\n${seen}`);
    expect(error?.stack).toBe(`BodyNeverReturned: still pending\n\n${seen}\n${DECLARATION}`);
    expect(errorOf({ result: { ...result, failure: 'test-failed' } }, bundle)?.message).toBe('still pending');
  });

  test('points a departure at the line that left', async () => {
    const bundle = await makeBundle(SOURCE);
    const departure = { how: 'process.exit', code: 1, stack: await stackOf(bundle.exports['body']) };
    const error = errorOf({ run: { messages: { departure } }, result: { failure: 'body-exited' } }, bundle);
    expect(error?.message).toContain('ended by process.exit with code 1');
    expect(framesOf(error)).toBe(`    at body (${bundle.file}:3:9)`);
  });

  test('points a loop at where it was found, whose lines and columns count from 0', async () => {
    const bundle = await makeBundle(SOURCE);
    const [, line, column] = /test\.js:(\d+):(\d+)/.exec(await stackOf(bundle.exports['body'])) ?? [];
    const at = { line: Number(line) - 1, column: Number(column) - 1 };
    const loop = [
      { functionName: 'body', url: `file://${GUEST_PATHS.bundle}`, ...at },
      { functionName: '', url: GUEST_PATHS.bundle, ...at },
      { functionName: 'run', url: 'file:///ktstr/runtime.js', line: 1, column: 1 },
    ];
    const error = errorOf({ run: { loop }, result: { failure: 'body-never-returned' } }, bundle);
    expect(framesOf(error)).toBe(`    at body (${bundle.file}:3:9)\n    at ${bundle.file}:3:9`);
  });

  test.each<{ name: string; run: Partial<GuestRun> }>([
    { name: 'that no line did', run: {} },
    { name: 'of an event loop that ran empty', run: { messages: { departure: { how: 'x', code: 0, stack: '' } } } },
    { name: 'in a loop of the runtime', run: { loop: [{ functionName: 'f', url: 'node:fs', line: 0, column: 0 }] } },
  ])('points a failure $name at the declaration', async ({ run }) => {
    const error = errorOf({ run, result: { failure: 'timed-out' } }, await makeBundle(SOURCE));
    expect(error?.message).toContain('(timed-out)');
    expect(framesOf(error)).toBe(DECLARATION);
  });
});
