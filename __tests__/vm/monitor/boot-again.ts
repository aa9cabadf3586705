import type { GuestRun } from '../../../src/host/machine/guest-run';
import { scaledMs } from '../../../src/spec/time-scale';

/** Longer than anything here takes on a busy host. */
export const DEADLINES = {
  silenceMs: scaledMs(60_000),
  bootMs: scaledMs(100_000),
  testMs: scaledMs(100_000),
  poweroffMs: scaledMs(30_000),
};

const MAX_BOOTS = 4;

/** A host that is busy in one moment of the boot takes the guest's timer away; such a guest is booted again, as tests are. */
export async function bootAgain<T>(attempt: () => Promise<T>, runOf: (booted: T) => GuestRun | null): Promise<T> {
  for (let boot = 1; ; boot++) {
    const booted = await attempt();
    if (boot === MAX_BOOTS || runOf(booted)?.stop?.why !== 'timer-lost') return booted;
  }
}
