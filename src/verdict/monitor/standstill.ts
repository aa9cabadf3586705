import type { JudgedSample, Moment } from './monitor-check';
import type { CpuSample, MonitorSample } from './sample';

/** A vCPU that ran for so many ticks has taken one, and that sets the clock of its run queue. Fewer would blame a tick that comes late. */
const STALL_TICKS = 10n;

/** Taken where the kernel's own HZ is not known. */
const DEFAULT_HZ = 250;

const NS_PER_SECOND = 1_000_000_000n;

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

interface Open {
  since: MonitorSample;
  /** First and last reading of the vCPU's CPU time since then. */
  readings: { first: bigint; last: bigint } | null;
  standstill: Standstill;
}

/**
 * Follows the clocks of all run queues. A clock that stands still is a stall, unless the CPU was idle (no task in two samples in a row) or its
 * vCPU was preempted by the host: then it ran, or where that is not read the time went on, for less than ten ticks.
 *
 * CPU time is compared over a whole standstill, not from sample to sample: at a short period a vCPU could never have run for ten ticks.
 */
export class StandstillTracker {
  readonly #stallNs: bigint;
  readonly #open: (Open | null)[] = [];
  readonly #hasReadings: boolean[] = [];

  /** @param hz ticks per second of the guest's kernel; null when not known */
  constructor(hz: number | null) {
    this.#stallNs = (STALL_TICKS * NS_PER_SECOND) / BigInt(hz ?? DEFAULT_HZ);
  }

  /** The standstills that last to this sample and are stalls, by CPU. */
  push(now: JudgedSample): Standstill[] {
    return now.sample.cpus.flatMap((cpu, number) => {
      this.#hasReadings[number] ||= cpu.vcpuCpuNs !== null;
      const open = this.#follow(number, cpu, now);
      this.#open[number] = open;
      return open !== null && open.standstill.intervals > 0 && this.#isStall(open.standstill) ? [open.standstill] : [];
    });
  }

  reset(): void {
    this.#open.length = 0;
  }

  #follow(number: number, cpu: CpuSample, now: JudgedSample): Open | null {
    // A run queue that always changes while it is read does not stand still.
    if (!cpu.consistent || cpu.clockNs === 0n) return null;
    const open = this.#open[number] ?? null;
    const before = now.previous?.cpus[number];
    const isStill = open !== null && open.standstill.clockNs === cpu.clockNs;
    const isIdle = before?.nrRunning === 0 && cpu.nrRunning === 0;
    return isStill && !isIdle ? this.#extend(open, cpu, now) : this.#start(number, cpu, now);
  }

  #start(number: number, { clockNs, vcpuCpuNs, nrRunning }: CpuSample, { sample, index, atMs }: JudgedSample): Open {
    const readings = vcpuCpuNs === null ? null : { first: vcpuCpuNs, last: vcpuCpuNs };
    return {
      since: sample,
      readings,
      standstill: {
        ...{ cpu: number, clockNs, intervals: 0, elapsedNs: 0n, ranNs: this.#ranNs(number, readings) },
        ...{ tasks: nrRunning, last: { index, atMs } },
      },
    };
  }

  #extend(
    { since, readings, standstill }: Open,
    { vcpuCpuNs, nrRunning }: CpuSample,
    { sample, index, atMs }: JudgedSample,
  ): Open {
    const now = vcpuCpuNs === null ? readings : { first: readings?.first ?? vcpuCpuNs, last: vcpuCpuNs };
    return {
      since,
      readings: now,
      standstill: {
        ...standstill,
        intervals: standstill.intervals + 1,
        elapsedNs: sample.hostNs - since.hostNs,
        ranNs: this.#ranNs(standstill.cpu, now),
        tasks: Math.max(standstill.tasks, nrRunning),
        last: { index, atMs },
      },
    };
  }

  /** Readings may come with every nth sample only, so that a short standstill has none: then the vCPU is not known to have run. */
  #ranNs(cpu: number, readings: Open['readings']): bigint | null {
    if (this.#hasReadings[cpu] !== true) return null;
    return readings === null ? 0n : readings.last - readings.first;
  }

  #isStall({ ranNs, elapsedNs }: Standstill): boolean {
    return (ranNs ?? elapsedNs) >= this.#stallNs;
  }
}
