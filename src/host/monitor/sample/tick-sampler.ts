import type { MonitorSample } from '../../../verdict/monitor/sample';
import type { Probe } from '../../machine/qemu/probe';
import type { ProbeOrders } from '../../native/probe-orders';
import type { WatchedPlace } from '../bpf/watched-place';
import type { GuestMemory } from '../guest-memory';
import { Kernel } from '../kernel/kernel';
import { SCX_DISABLED, SCX_ENABLED, scxState } from '../kernel/scx-state';
import { scxView } from '../kernel/scx-view';
import { decodeRecord } from '../plan/decode-record';
import { type EncodedPlan, encodePlan } from '../plan/encode-plan';
import { decodeProbeOutput } from '../probe/decode-output';
import { TICK_CLOCK, type TickKernel, vmcoreinfoOf } from '../probe/tick-kernel';
import { fillIdle } from './fill-idle';
import type { Sampler } from './sampler';
import { schedulerPlan, type SchedulerPlan } from './scheduler-plan';
import { SLOW_PERIOD_MS, SlowMerge, SlowReader } from './slow-reader';

export interface TickSamplerOptions {
  /** Shortest time between two samples. They are taken at ticks, and what is to be seen while the whole guest sleeps is filled in. */
  periodMs: number;
  cpuCount: number;
  /** Longest wait for the first tick, in host time. */
  deadlineMs: number;
  /** Longest time from one stop to the next, in host time: that of the whole run. */
  runDeadlineMs: number;
  /** Stops the guest once, and goes on when `look` has settled. */
  pause?: { atNs: bigint; look(kernel: Kernel): Promise<void> } | undefined;
  /** Called at the first tick at which a scheduler of sched_ext is attached; tells what to sample in its memory. Never throws. */
  onAttached?: ((kernel: Kernel) => readonly WatchedPlace[]) | undefined;
  /** Called behind each stop, with the time of the tick. */
  onStopped?: ((atNs: bigint) => void) | undefined;
}

/** A machine with a probe that was given the `firstOrders` of its kernel. */
export interface ProbedMachine {
  probe: Probe;
  memory: GuestMemory;
}

/** A plan, and the hit behind which it is in force. */
interface Binding {
  afterHit: bigint;
  plan: SchedulerPlan;
  encoded: EncodedPlan;
}

/**
 * Samples the scheduler at the guest's ticks, while its vcpu stands in front of an instruction. It takes no virtual time, so the guest
 * runs as it does unseen, and each run has the same samples. Their time is the guest's CLOCK_MONOTONIC.
 */
export class TickSampler implements Sampler {
  readonly hz: number | null;
  readonly #probe: Probe;
  readonly #kernel: Kernel;
  readonly #tick: TickKernel;
  readonly #options: TickSamplerOptions;
  readonly #periodNs: bigint;
  /** In order of time; the last one is in force. */
  readonly #bindings: [Binding, ...Binding[]];
  /** State of sched_ext at which something is to be done next. */
  #awaited: string | null;
  readonly #slow: SlowReader;
  readonly #merge = new SlowMerge();
  /** 0 would be never. */
  #slowAtNs = 1n;
  #pause: TickSamplerOptions['pause'];
  #pauseError: unknown = null;
  /** Settles when the machine has ended. */
  #stops: Promise<void> | undefined;

  /** Waits for the first tick and goes on from there. @throws HarnessError `monitor`, `decode`, `btf-unknown`, `symbol-unknown`, `guest-memory` */
  static async start(machine: ProbedMachine, tick: TickKernel, options: TickSamplerOptions): Promise<TickSampler> {
    await machine.probe.stopped(options.deadlineMs);
    let orders: ProbeOrders | undefined;
    try {
      const kernel = Kernel.locate(machine.memory, vmcoreinfoOf(tick));
      const sampler = new TickSampler(machine.probe, { kernel, tick }, options);
      orders = sampler.#orders();
      sampler.#stops = sampler.#followStops();
      return sampler;
    } finally {
      machine.probe.go(orders);
    }
  }

  private constructor(
    probe: Probe,
    { kernel, tick }: { kernel: Kernel; tick: TickKernel },
    options: TickSamplerOptions,
  ) {
    const { periodMs, pause, onAttached } = options;
    this.#probe = probe;
    this.#kernel = kernel;
    this.#tick = tick;
    this.#options = options;
    this.#pause = pause;
    this.#awaited = onAttached !== undefined && scxState(kernel) !== null ? SCX_ENABLED : null;
    this.#periodNs = BigInt(periodMs) * NS_PER_MS;
    this.hz = kernel.hz;
    this.#bindings = [this.#bind([], 0n)];
    this.#slow = new SlowReader(kernel, options.cpuCount);
  }

  /** All that were taken until the machine ended. */
  async finish(): Promise<{ samples: MonitorSample[]; dropped: bigint }> {
    const entries = decodeProbeOutput(this.#probe.output.bytes());
    const samples = entries.flatMap((entry) => {
      if (entry.kind !== 'sample') return [];
      const { plan, encoded } = this.#bindings.findLast(({ afterHit }) => entry.hit > afterHit) ?? this.#bindings[0];
      return [plan.toSample(decodeRecord(encoded, entry.record))];
    });
    const filled = fillIdle(samples, this.#periodNs).map((sample) => this.#merge.apply(sample));
    return { samples: filled, dropped: 0n };
  }

  /** The probe belongs to its machine. */
  async [Symbol.asyncDispose](): Promise<void> {}

  /** What went wrong at the moment of the pause, or that it never came; null when all was well, or no pause was asked for. */
  async pauseError(): Promise<unknown> {
    await this.#stops;
    return this.#pauseError;
  }

  /** Never rejects. */
  async #followStops(): Promise<void> {
    try {
      for (;;) {
        const hit = await this.#probe.stopped(this.#options.runDeadlineMs);
        try {
          await this.#stopped(hit);
        } finally {
          this.#probe.go(this.#orders());
        }
      }
    } catch (error) {
      // Of the machine, which has come to its end.
      if (this.#pause !== undefined) this.#pauseError = error;
    }
  }

  /** Does what is due at a tick. */
  async #stopped(hit: bigint): Promise<void> {
    const atNs = this.#kernel.memory.readU64(this.#kernel.symbols.need(TICK_CLOCK));
    if (this.#awaited !== null && scxView(this.#kernel)?.state === this.#awaited) this.#followScheduler(hit);
    if (atNs >= this.#slowAtNs) {
      this.#merge.add(this.#slow.read(atNs));
      this.#slowAtNs = atNs + SLOW_PERIOD_NS;
    }
    const pause = this.#pause;
    if (pause !== undefined && atNs >= pause.atNs) {
      this.#pause = undefined;
      try {
        await pause.look(this.#kernel);
      } catch (error) {
        this.#pauseError = error;
      }
    }
    this.#options.onStopped?.(atNs);
  }

  #followScheduler(hit: bigint): void {
    const isAttached = this.#awaited === SCX_ENABLED;
    this.#awaited = isAttached ? SCX_DISABLED : SCX_ENABLED;
    if (!isAttached) return;
    const watched = this.#options.onAttached?.(this.#kernel) ?? [];
    this.#bindings.push(this.#bind(watched, hit));
  }

  #bind(watched: readonly WatchedPlace[], afterHit: bigint): Binding {
    const { cpuCount } = this.#options;
    const clockKva = this.#kernel.symbols.need(TICK_CLOCK);
    const plan = schedulerPlan(this.#kernel, { cpuCount, vcpuThreads: [], threadsEvery: 1, clockKva, watched });
    return { afterHit, plan, encoded: encodePlan(plan.plan) };
  }

  get #nextStopNs(): bigint {
    const pauseNs = this.#pause?.atNs ?? this.#slowAtNs;
    return pauseNs < this.#slowAtNs ? pauseNs : this.#slowAtNs;
  }

  #orders(): ProbeOrders {
    const { rootGpa, levels } = this.#kernel.memory.tables;
    return {
      address: BigInt(`0x${this.#tick.address}`),
      plan: (this.#bindings.at(-1) ?? this.#bindings[0]).encoded.bytes,
      space: { rootGpa: BigInt(rootGpa), levels, windows: [], tlbMs: 0 },
      clock: BigInt(`0x${this.#tick.clock}`),
      samplePeriod: this.#periodNs,
      stopAt: { clock: this.#nextStopNs },
      ...(this.#awaited !== null && stateOrder(this.#kernel, this.#awaited)),
    };
  }
}

const NS_PER_MS = 1_000_000n;
const SLOW_PERIOD_NS = BigInt(SLOW_PERIOD_MS) * NS_PER_MS;

/** Stop when sched_ext is in a state. */
function stateOrder(kernel: Kernel, name: string): Pick<ProbeOrders, 'stopWhen'> {
  const state = scxState(kernel);
  const value = state?.valueOf(name);
  return state === null || value === undefined ? {} : { stopWhen: { kva: state.address, value } };
}
