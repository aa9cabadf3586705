import { expect, test } from '@jest/globals';

import { tellingMomentNs } from '../../../environment/telling-moment';
import type { GuestRun } from '../../../src/host/machine/guest-run';
import { NEVER_RETURNED, type Messages } from '../../../src/protocol/messages';
import type { AssertDetail } from '../../../src/verdict/assert-result';
import type { SchedulerRun } from '../../../src/verdict/scheduler/scheduler-run';
import { guestRun, specOf, TEST_START } from './finished-runs';

const STALLED: SchedulerRun = {
  ...{ name: 'scx_a', argv: [], ops: 'a', watchdog: null, startedAtNs: 1, attachedAtNs: 2, endedAtNs: 9e9 },
  ...{ stop: null, outcome: 'scheduler-stalled', message: 'stalled', exit: null, kernel: null },
  ...{ stdout: '', stderr: '', kernelLines: [], dump: [] },
};
const CRASHED: SchedulerRun = { ...STALLED, outcome: 'scheduler-crashed' };
const OFF = '[    7.250000] sched_ext: BPF scheduler "a" disabled (runtime error)\n';
const OVERDUE = { name: NEVER_RETURNED, message: 'still pending', stack: '' };
const THROWN = { ...OVERDUE, name: 'RangeError' };
const UNFAIR: AssertDetail = { kind: 'unfair', outcome: 'fail', message: 'spread' };
const STUCK: AssertDetail = { kind: 'stuck', outcome: 'fail', message: 'gap', atNs: 3e9 };
const UNJUDGED: AssertDetail = { kind: 'stuck', outcome: 'inconclusive', message: 'no worker' };

const STEP_END = { step: 1, atNs: 6e9, iterations: 7 };

/** A run with a hold, whose result came to these details. */
function runOf(details: AssertDetail[], result: Partial<Messages['result']> = {}): GuestRun {
  const assertResult = { outcome: 'fail' as const, details, stats: [], workers: [] };
  const whole = { errors: [], assertResult, schedulers: [], stages: [], ...result };
  return guestRun({ messages: { testStart: TEST_START, stepEnd: STEP_END, result: whole } });
}

const lost = guestRun({ messages: { testStart: TEST_START }, schedulers: new Map([[0, STALLED]]) });
const crashed = runOf([UNFAIR], { schedulers: [CRASHED] });
const withoutHold = runOf([UNFAIR]);
delete withoutHold.messages.stepEnd;

test.each<{ name: string; run: GuestRun; breachedAtNs?: bigint; atNs: bigint | null }>([
  { name: 'a breach of the monitor, whatever else there was', run: lost, breachedAtNs: 2n, atNs: 2n },
  { name: 'half a second before a stall ended', run: runOf([STUCK], { schedulers: [STALLED] }), atNs: 8_500_000_000n },
  { name: 'the same without a result', run: lost, atNs: 8_500_000_000n },
  { name: 'when the kernel told of a crash', run: { ...crashed, consoleText: OFF }, atNs: 7_250_000_000n },
  { name: 'the end of the hold for a crash of which there is no line', run: crashed, atNs: 5_990_000_000n },
  { name: 'shortly before a body was given up', run: runOf([], { errors: [OVERDUE] }), atNs: 3_500_000_001n },
  { name: 'that of the first check that has one', run: runOf([UNFAIR, STUCK]), atNs: 3_000_000_000n },
  { name: 'the end of the last hold for any other check', run: runOf([UNFAIR]), atNs: 5_990_000_000n },
  { name: 'nothing for a check without a hold', run: withoutHold, atNs: null },
  { name: 'nothing for a body that throws', run: runOf([], { errors: [THROWN] }), atNs: null },
  { name: 'nothing for what is not judged', run: runOf([UNJUDGED]), atNs: null },
  { name: 'nothing for a guest that was lost', run: guestRun(), atNs: null },
])('tellingMomentNs() is $name', ({ run, breachedAtNs, atNs }) => {
  expect(tellingMomentNs(run, specOf({ timeoutMs: 4000 }), breachedAtNs ?? null)).toBe(atNs);
});
