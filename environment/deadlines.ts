import type { GuestDeadlines } from '../src/host/machine/watch-guest';
import type { TestSpec } from '../src/spec/declare/test-spec';

/** Chosen: a guest that boots prints a stage every few seconds even on a host that runs several machines per core. */
const SILENCE_MS = 60_000;
/** The spotter needs up to 10 s to find out where a body loops, and more where several machines share a core. */
const TEST_GRACE_MS = 40_000;
/** Chosen: a boot takes seconds; one that prints for ever ends here. */
const BOOT_MS = 10 * 60_000;
const POWEROFF_MS = 20_000;
/** Virtual time of several CPUs runs one after the other on one host core: up to 4 host seconds a second and CPU, on a busy host more. */
const VIRTUAL_SLOWDOWN = 30;

/** Node's timers fire at once when they are given more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Host time that a machine gets, from the guest time that its author gave the body. */
export function deadlinesFor(spec: TestSpec, machine: 'kvm' | 'emulated' | 'deterministic'): GuestDeadlines {
  const slowdown = machine === 'deterministic' ? VIRTUAL_SLOWDOWN : 1;
  return {
    bootMs: BOOT_MS,
    silenceMs: machine === 'deterministic' ? 2 * SILENCE_MS : SILENCE_MS,
    testMs: Math.min(spec.timeoutMs * slowdown + TEST_GRACE_MS, LONGEST_TIMER_MS),
    poweroffMs: POWEROFF_MS,
  };
}

/** Chosen: the first image of a machine takes seconds to build, and other Jest workers may be building it. */
const PLAN_MS = 10 * 60_000;
const JEST_MARGIN_MS = 60_000;

/** Timeout for Jest: later than every deadline of ours, so that the message is ours. */
export function jestTimeoutMs(spec: TestSpec): number {
  const { testMs, poweroffMs } = deadlinesFor(spec, spec.machine === 'deterministic' ? 'deterministic' : 'emulated');
  return Math.min(PLAN_MS + spec.repeat * (BOOT_MS + testMs + poweroffMs) + JEST_MARGIN_MS, LONGEST_TIMER_MS);
}
