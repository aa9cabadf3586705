import type { MonitorSample } from '../../../verdict/monitor/sample';
import type { Probe } from '../../machine/qemu/probe';
import type { ProbeOrders } from '../../native/probe-orders';
import type { GuestMemory } from '../guest-memory';
import { Kernel } from '../kernel/kernel';
import { decodeRecord } from '../plan/decode-record';
import { type EncodedPlan, encodePlan } from '../plan/encode-plan';
import { decodeProbeOutput } from '../probe/decode-output';
import { TICK_CLOCK, type TickKernel, vmcoreinfoOf } from '../probe/tick-kernel';
import { fillIdle } from './fill-idle';
import type { Sampler } from './sampler';
import { schedulerPlan, type SchedulerPlan } from './scheduler-plan';

export interface TickSamplerOptions {
  /** Shortest time between two samples. They are taken at ticks, and what is to be seen while the whole guest sleeps is filled in. */
  periodMs: number;
  cpuCount: number;
  /** Longest wait for the first tick, in host time. */
  deadlineMs: number;
  /** Stops the guest once, and goes on when `look` has settled. */
  pause?: { atNs: bigint; look(kernel: Kernel): Promise<void>; deadlineMs: number } | undefined;
}

/** A machine with a probe that was given the `firstOrders` of its kernel. */
export interface ProbedMachine {
  probe: Probe;
  memory: GuestMemory;
}

/**
 * Samples the scheduler at the guest's ticks, while its vcpu stands in front of an instruction. It takes no virtual time, so the guest
 * runs as it does unseen, and each run has the same samples. Their time is the guest's CLOCK_MONOTONIC.
 */
export class TickSampler implements Sampler {
  readonly hz: number | null;
  readonly #probe: Probe;
  readonly #periodNs: bigint;
  readonly #plan: SchedulerPlan;
  readonly #encoded: EncodedPlan;
  #paused: Promise<unknown> | undefined;

  /** Waits for the first tick and goes on from there. @throws HarnessError `monitor`, `decode`, `btf-unknown`, `symbol-unknown`, `guest-memory` */
  static async start(machine: ProbedMachine, tick: TickKernel, options: TickSamplerOptions): Promise<TickSampler> {
    await machine.probe.stopped(options.deadlineMs);
    let orders: ProbeOrders | undefined;
    try {
      const kernel = Kernel.locate(machine.memory, vmcoreinfoOf(tick));
      const sampler = new TickSampler(machine.probe, kernel, options);
      const { pause } = options;
      orders = { ...sampler.#orders(kernel, tick), ...(pause && { stopAt: { clock: pause.atNs } }) };
      if (pause) sampler.#paused = sampler.#pause(kernel, pause);
      return sampler;
    } finally {
      machine.probe.go(orders);
    }
  }

  private constructor(probe: Probe, kernel: Kernel, { cpuCount, periodMs }: TickSamplerOptions) {
    this.#probe = probe;
    this.#periodNs = BigInt(periodMs) * NS_PER_MS;
    this.hz = kernel.hz;
    const clockKva = kernel.symbols.need(TICK_CLOCK);
    this.#plan = schedulerPlan(kernel, { cpuCount, vcpuThreads: [], threadsEvery: 1, clockKva });
    this.#encoded = encodePlan(this.#plan.plan);
  }

  /** All that were taken until the machine ended. */
  async finish(): Promise<{ samples: MonitorSample[]; dropped: bigint }> {
    const entries = decodeProbeOutput(this.#probe.output.bytes());
    const samples = entries.flatMap((entry) =>
      entry.kind === 'sample' ? [this.#plan.toSample(decodeRecord(this.#encoded, entry.record))] : [],
    );
    return { samples: fillIdle(samples, this.#periodNs), dropped: 0n };
  }

  /** The probe belongs to its machine. */
  async [Symbol.asyncDispose](): Promise<void> {}

  /** What went wrong at the moment of the pause, or that it never came; null when all was well, or no pause was asked for. */
  async pauseError(): Promise<unknown> {
    return (await this.#paused) ?? null;
  }

  /** Resolves with what went wrong, so that nothing is left unhandled until somebody asks. */
  async #pause(kernel: Kernel, { look, deadlineMs }: NonNullable<TickSamplerOptions['pause']>): Promise<unknown> {
    try {
      await this.#probe.stopped(deadlineMs);
      await look(kernel);
      return null;
    } catch (error) {
      return error;
    } finally {
      this.#probe.go();
    }
  }

  #orders(kernel: Kernel, tick: TickKernel): ProbeOrders {
    const { rootGpa, levels } = kernel.memory.tables;
    return {
      address: BigInt(`0x${tick.address}`),
      plan: this.#encoded.bytes,
      space: { rootGpa: BigInt(rootGpa), levels, windows: [], tlbMs: 0 },
      clock: BigInt(`0x${tick.clock}`),
      samplePeriod: this.#periodNs,
    };
  }
}

const NS_PER_MS = 1_000_000n;
