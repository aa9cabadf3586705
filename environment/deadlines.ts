import type { GuestDeadlines } from '../src/host/machine/watch-guest';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { LONGEST_TIMER_MS, scaledMs } from '../src/spec/time-scale';

/** Chosen: a guest that boots prints a stage every few seconds even on a host that runs several machines per core. */
const SILENCE_MS = 60_000;
/** The spotter needs up to 10 s to find out where a body loops, and more where several machines share a core. */
const TEST_GRACE_MS = 40_000;
/** Chosen: a boot takes seconds; one that prints for ever ends here. */
const BOOT_MS = 10 * 60_000;
const POWEROFF_MS = 20_000;
/** Virtual time of several CPUs runs one after the other on one host core: up to 4 host seconds a second and CPU, on a busy host more. */
const VIRTUAL_SLOWDOWN = 30;

/** Host time that a machine gets, from the guest time that its author gave the body. */
export function deadlinesFor(spec: TestSpec, machine: 'kvm' | 'emulated' | 'deterministic'): GuestDeadlines {
  const slowdown = machine === 'deterministic' ? VIRTUAL_SLOWDOWN : 1;
  return {
    bootMs: scaledMs(BOOT_MS),
    silenceMs: scaledMs(machine === 'deterministic' ? 2 * SILENCE_MS : SILENCE_MS),
    testMs: scaledMs(spec.timeoutMs * slowdown + TEST_GRACE_MS),
    poweroffMs: scaledMs(POWEROFF_MS),
  };
}

/** Chosen: the first image of a machine takes seconds to build, and other Jest workers may be building it. */
const PLAN_MS = 10 * 60_000;
const JEST_MARGIN_MS = 60_000;

/** Timeout for Jest: later than every deadline of ours, so that the message is ours. */
export function jestTimeoutMs(spec: TestSpec): number {
  const { bootMs, testMs, poweroffMs } = deadlinesFor(
    spec,
    spec.machine === 'deterministic' ? 'deterministic' : 'emulated',
  );
  const runsMs = spec.repeat * (bootMs + testMs + poweroffMs);
  return Math.min(scaledMs(PLAN_MS + JEST_MARGIN_MS) + runsMs, LONGEST_TIMER_MS);
}
