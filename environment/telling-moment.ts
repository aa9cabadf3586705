import type { GuestRun } from '../src/host/machine/guest-run';
import { NEVER_RETURNED } from '../src/protocol/messages';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { switchedOff } from '../src/verdict/console/switched-off';
import type { SchedulerRun } from '../src/verdict/scheduler/scheduler-run';
import { overdueMs } from './overdue';

/** Chosen: switching a scheduler off takes a tenth of a second or two, and the tasks that it is about have waited for seconds. */
const BEFORE_STALL_NS = 500_000_000n;
/** Chosen: more than two ticks of a kernel with HZ=250, at which a guest can be stopped. */
const BEFORE_END_NS = 10_000_000n;

/**
 * The moment of a run in virtual time at which what failed it was going on, by the guest's CLOCK_MONOTONIC; null for a run that did not
 * fail, and where no moment tells more than another.
 *
 * @param breachedAtNs when a threshold of the monitor had been missed for long enough
 */
export function tellingMomentNs(run: GuestRun, spec: TestSpec, breachedAtNs: bigint | null): bigint | null {
  return breachedAtNs ?? stalledAtNs(run) ?? crashedAtNs(run) ?? overdueAtNs(run, spec) ?? missedAtNs(run);
}

/** Shortly before the kernel switched a scheduler off for a stall. */
function stalledAtNs(run: GuestRun): bigint | null {
  const ended = ofOutcome(run, 'scheduler-stalled')?.endedAtNs ?? null;
  return ended === null ? null : BigInt(ended) - BEFORE_STALL_NS;
}

/** When the kernel said that it had switched a scheduler off for an error: the tasks that it had run are still there. */
function crashedAtNs(run: GuestRun): bigint | null {
  if (ofOutcome(run, 'scheduler-crashed') === undefined) return null;
  const atS = switchedOff(run.consoleText)?.atS ?? null;
  return atS === null ? null : BigInt(Math.round(atS * 1e9));
}

function ofOutcome({ messages, schedulers }: GuestRun, wanted: SchedulerRun['outcome']): SchedulerRun | undefined {
  const runs = messages.result?.schedulers ?? [...schedulers.values()];
  return runs.find(({ outcome }) => outcome === wanted);
}

/** Shortly before a body was given up. */
function overdueAtNs({ messages: { testStart, result } }: GuestRun, { timeoutMs }: TestSpec): bigint | null {
  const isOverdue = result?.errors.some(({ name }) => name === NEVER_RETURNED) ?? false;
  return isOverdue && testStart !== undefined ? BigInt(Math.round(testStart.atNs + overdueMs(timeoutMs) * 1e6)) : null;
}

/** While what a check found was going on; for figures of a whole hold, which no moment stands for, at the end of the last one. */
function missedAtNs({ messages: { stepEnd, result } }: GuestRun): bigint | null {
  const failed = (result?.assertResult?.details ?? []).filter(({ outcome }) => outcome === 'fail');
  if (failed.length === 0) return null;
  const atNs = failed.find((detail) => detail.atNs !== undefined)?.atNs;
  if (atNs !== undefined) return BigInt(atNs);
  return stepEnd === undefined ? null : BigInt(stepEnd.atNs) - BEFORE_END_NS;
}
