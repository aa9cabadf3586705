import type { JudgedSample, Moment } from './monitor-check';
import type { CpuSample } from './sample';

/** A vCPU that ran for so many ticks has taken one, and that sets the clock of its run queue. Fewer would blame a tick that comes late. */
const STALL_TICKS = 10;

/** Taken where the kernel's own HZ is not known. */
const DEFAULT_HZ = 250;

const NS_PER_SECOND = 1e9;

/** The clock of a CPU's run queue from when it last moved. */
export interface Standstill {
  cpu: number;
  clockNs: bigint;
  /** Intervals between samples in which it stood still. */
  intervals: number;
  elapsedNs: bigint;
  /** CPU time of the vCPU's thread meanwhile; null when that is never read. */
  ranNs: bigint | null;
  /** Most tasks on the run queue meanwhile. */
  tasks: number;
  last: Moment;
}

/** What is known of a CPU's clock; changed in place, because there is one per CPU and sample. */
interface Clock {
  /** Null when it cannot be followed on from here. */
  clockNs: bigint | null;
  sinceNs: bigint;
  intervals: number;
  tasks: number;
  nrRunning: number;
  /** First and last reading of the vCPU's CPU time since then. */
  firstRanNs: bigint | null;
  lastRanNs: bigint | null;
  /** Readings may come with every nth sample only, so that a short standstill has none: then the vCPU is not known to have run. */
  hasReadings: boolean;
}

/**
 * Follows the clocks of all run queues. A clock that stands still is a stall, unless the CPU was idle (no task in two samples in a row) or its
 * vCPU was preempted by the host: then it ran, or where that is not read the time went on, for less than ten ticks.
 *
 * CPU time is compared over a whole standstill, not from sample to sample: at a short period a vCPU could never have run for ten ticks.
 */
export class StandstillTracker {
  readonly #stallNs: bigint;
  readonly #clocks: Clock[] = [];

  /** @param hz ticks per second of the guest's kernel; null when not known */
  constructor(hz: number | null) {
    this.#stallNs = BigInt(Math.round((STALL_TICKS * NS_PER_SECOND) / (hz ?? DEFAULT_HZ)));
  }

  /** The standstills that last to this sample and are stalls, by CPU. */
  push({ sample: { cpus, hostNs }, index, atMs }: JudgedSample): Standstill[] {
    const stalls: Standstill[] = [];
    this.#clocks.length = Math.min(this.#clocks.length, cpus.length);
    for (const [cpu, seen] of cpus.entries()) {
      const clock = (this.#clocks[cpu] ??= unknownClock());
      follow(clock, seen, hostNs);
      if (clock.intervals === 0 || clock.clockNs === null) continue;
      const elapsedNs = hostNs - clock.sinceNs;
      const ranNs = clock.hasReadings ? (clock.lastRanNs ?? 0n) - (clock.firstRanNs ?? 0n) : null;
      if ((ranNs ?? elapsedNs) < this.#stallNs) continue;
      const { clockNs, intervals, tasks } = clock;
      stalls.push({ cpu, clockNs, intervals, elapsedNs, ranNs, tasks, last: { index, atMs } });
    }
    return stalls;
  }

  reset(): void {
    for (const clock of this.#clocks) clock.clockNs = null;
  }
}

function unknownClock(): Clock {
  return {
    ...{ clockNs: null, sinceNs: 0n, intervals: 0, tasks: 0, nrRunning: 0 },
    ...{ firstRanNs: null, lastRanNs: null, hasReadings: false },
  };
}

function follow(clock: Clock, { clockNs, nrRunning, vcpuCpuNs, consistent }: CpuSample, hostNs: bigint): void {
  const isIdle = clock.nrRunning === 0 && nrRunning === 0;
  const isStill = clock.clockNs === clockNs && consistent && !isIdle;
  if (isStill) {
    clock.intervals += 1;
    clock.tasks = Math.max(clock.tasks, nrRunning);
  } else {
    // A clock that always changes while it is read does not stand still, and one that was never set cannot.
    clock.clockNs = consistent && clockNs !== 0n ? clockNs : null;
    clock.sinceNs = hostNs;
    clock.intervals = 0;
    clock.tasks = nrRunning;
    clock.firstRanNs = null;
    clock.lastRanNs = null;
  }
  clock.nrRunning = nrRunning;
  if (vcpuCpuNs === null) return;
  clock.hasReadings = true;
  clock.firstRanNs ??= vcpuCpuNs;
  clock.lastRanNs = vcpuCpuNs;
}
