import { scaledMs } from '../src/spec/time-scale';
import { deadlinesFor } from './deadlines';
import type { Interference } from './dump-at';
import { HarnessError, isHarnessError } from '../src/errors';
import type { Machine } from '../src/host/machine/machine';
import type { Probe } from '../src/host/machine/qemu/probe';
import type { Kernel } from '../src/host/monitor/kernel/kernel';
import { KernelView } from '../src/host/monitor/kernel-view';
import type { TickKernel } from '../src/host/monitor/probe/tick-kernel';
import type { Sampler } from '../src/host/monitor/sample/sampler';
import { SchedulerSampler } from '../src/host/monitor/sample/scheduler-sampler';
import { TickSampler } from '../src/host/monitor/sample/tick-sampler';
import { RecordedMemory } from '../src/host/monitor/memory/recorded-memory';
import type { Message } from '../src/protocol/messages';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { cpuCount } from '../src/spec/topology/topology';
import type { AssertDetail } from '../src/verdict/assert-result';
import { judgeMonitor } from '../src/verdict/monitor/judge-monitor';
import type { MonitorSummary } from '../src/verdict/monitor/monitor-summary';
import { MonitorWatch } from '../src/verdict/monitor/monitor-watch';
import { asserts } from '../src/verdict/monitor/monitor-thresholds';
import type { MonitorSample } from '../src/verdict/monitor/sample';
import { looksIntoScheduler, SchedulerMemory } from './scheduler-memory';
import { within } from './within';

/** What the monitor has to say of a run. */
export interface MonitorReport {
  findings: AssertDetail[];
  summary: MonitorSummary | null;
  /** Of the time that is judged. */
  samples: MonitorSample[];
  /** When a threshold had been missed for long enough, by the clock of the samples; null when none was. */
  breachedAtNs: bigint | null;
  /** What was written into a guest in virtual time, in order. */
  interferences: Interference[];
}

/** What a monitor knows and does beside its machine and the test. */
export interface MonitorContext {
  /** What of a deterministic machine's kernel had to be known before it booted, or why that is not known; null on other machines. */
  tick: TickKernel | Error | null;
  /** Called once, while what is wrong still is, on machines whose time is the host's. Never rejects. */
  onBreach(): Promise<void>;
}

const NOTHING: MonitorReport = { findings: [], summary: null, samples: [], breachedAtNs: null, interferences: [] };
const NS_PER_MS = 1e6;
/** Chosen: what a look reads takes milliseconds. */
const LOOK_DEADLINE_MS = scaledMs(60_000);
const LOOK_TOO_LONG = `look did not settle within ${LOOK_DEADLINE_MS / 1000} s; the guest goes on without it`;
const TICKS_OF_A_STALL = 10;
/** QEMU's vcpus take turns on one host thread, of at most 100 ms each; twice that, as the host has something else to do as well. */
const TURN_S = 0.2;

/** Whether the guest is sampled. */
export function monitors(spec: TestSpec): boolean {
  return isNeeded(spec) || spec.verbose;
}

/** Whether the test cannot be judged without. */
function isNeeded(spec: TestSpec): boolean {
  return asserts(spec.monitor) || spec.monitor.pauseAt !== undefined || looksIntoScheduler(spec);
}

/** The monitor of one run: samples the guest from its init on and judges the time in which the workers ran. To be disposed of. */
export class MonitorRun implements AsyncDisposable {
  readonly #machine: Machine;
  readonly #spec: TestSpec;
  readonly #isOn: boolean;
  #sampler: Promise<Sampler> | undefined;
  /** The same, where time is the host's. */
  #running: Promise<SchedulerSampler> | undefined;
  #problem = 'the guest did not get as far as its init, or its kernel does not tell where it is';
  #fromNs: bigint | undefined;
  #untilNs: bigint | undefined;
  readonly #onBreach: MonitorContext['onBreach'];
  #pauseError: Promise<unknown> | undefined;
  readonly #interferences: Interference[] = [];
  readonly #memory: SchedulerMemory;
  #kernel: Kernel | undefined;
  #wasAttached = false;
  #watch: MonitorWatch | undefined;
  /** Settles when what was done about a breach is done. */
  #breach: Promise<void> | undefined;

  constructor(machine: Machine, spec: TestSpec, { tick, onBreach }: MonitorContext) {
    this.#machine = machine;
    this.#spec = spec;
    this.#isOn = monitors(spec);
    this.#onBreach = onBreach;
    this.#memory = new SchedulerMemory(spec);
    if (tick instanceof Error) this.#fail(tick);
    else if (tick !== null && machine.probe !== undefined) this.#sampleTicks(machine.probe, tick);
  }

  /** Samples a guest whose kernel is known, or has a reason for not knowing it. */
  locate(kernel: Kernel | HarnessError): void {
    if (!this.#isOn) return;
    try {
      if (kernel instanceof HarnessError) throw kernel;
      this.#kernel = kernel;
      const { ram, vcpuThreads } = this.#machine;
      const onSamples = (samples: readonly MonitorSample[]): void => this.#look(samples, kernel.hz);
      this.#running = SchedulerSampler.start(kernel, ram, { ...this.#samplerOptions, vcpuThreads, onSamples });
      this.#follow(this.#running);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What is judged begins with the first step and ends with the last one. */
  note(message: Message): void {
    if (message.kind === 'stepStart') this.#fromNs ??= this.#timeOf(message);
    if (message.kind === 'stepEnd') this.#untilNs = this.#timeOf(message);
    if (message.kind === 'scheduler' && message.run.outcome === 'running') this.#noteAttached();
  }

  async finish(): Promise<MonitorReport> {
    if (!this.#isOn) return NOTHING;
    const taken = await this.#take();
    const ofMemory = this.#wasAttached ? this.#memory.findings(this.#problem) : [];
    const unjudged = isNeeded(this.#spec) ? [inconclusive(this.#problem)] : [];
    if (taken === null) return { ...NOTHING, findings: [...unjudged, ...ofMemory] };
    const { samples, dropped, hz } = taken;
    await this.#breach;
    const watched = this.#memory.kinds;
    const facts = { hz: this.#stallHz(hz), fromNs: this.#fromNs, untilNs: this.#untilNs, watched };
    const { findings, summary, breachedAtNs } = judgeMonitor(samples, this.#spec.monitor, facts);
    const isJudged = ({ hostNs }: MonitorSample): boolean =>
      hostNs >= (this.#fromNs ?? hostNs) && hostNs < (this.#untilNs ?? hostNs + 1n);
    // What was in them may have been what fails the test.
    const gaps = dropped > 0n && isNeeded(this.#spec) ? [inconclusive(`${dropped} samples found no room`)] : [];
    const paused = await this.#pauseFindings();
    return {
      findings: [...findings, ...gaps, ...paused, ...ofMemory],
      ...{ summary, breachedAtNs, interferences: this.#interferences },
      samples: samples.filter(isJudged),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sampler = await this.#sampler?.catch(() => undefined);
    await sampler?.[Symbol.asyncDispose]();
  }

  async #take(): Promise<{ samples: MonitorSample[]; dropped: bigint; hz: number | null } | null> {
    try {
      const sampler = await this.#sampler;
      return sampler === undefined ? null : { ...(await sampler.finish()), hz: sampler.hz };
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  /** Judges as far as can be told by now. */
  #look(samples: readonly MonitorSample[], hz: number | null): void {
    if (this.#fromNs === undefined || this.#breach !== undefined) return;
    const { monitor } = this.#spec;
    this.#watch ??= new MonitorWatch(monitor, { hz: this.#stallHz(hz), fromNs: this.#fromNs });
    for (const sample of samples)
      if (this.#untilNs === undefined || sample.hostNs < this.#untilNs) this.#watch.push(sample);
    if (this.#watch.isBreached) this.#breach = this.#onBreach();
  }

  /** Ticks a second, ten of which a clock must stand still: on QEMU as few as make that longer than a vcpu waits for its turn. */
  #stallHz(hz: number | null): number | null {
    if (this.#machine.kind === 'kvm') return hz;
    return Math.min(hz ?? Infinity, TICKS_OF_A_STALL / (TURN_S * cpuCount(this.#spec.topology)));
  }

  get #samplerOptions(): { periodMs: number; cpuCount: number } {
    return { periodMs: this.#spec.monitor.periodMs, cpuCount: cpuCount(this.#spec.topology) };
  }

  /** In virtual time the guest is not looked at when its message arrives, but at the tick at which it stands still. */
  #noteAttached(): void {
    this.#wasAttached = true;
    if (this.#machine.kind === 'deterministic' || this.#kernel === undefined) return;
    const watched = this.#memory.attached(this.#kernel);
    const rebound = this.#running?.then((sampler) => sampler.rebind(watched));
    rebound?.catch((error: unknown) => this.#fail(error));
  }

  #sampleTicks(probe: Probe, tick: TickKernel): void {
    const { bootMs, testMs } = deadlinesFor(this.#spec, 'deterministic');
    const memory = new RecordedMemory(this.#machine.memory);
    const { pauseAt } = this.#spec.monitor;
    const sampler = TickSampler.start({ probe, memory }, tick, {
      ...this.#samplerOptions,
      deadlineMs: bootMs,
      runDeadlineMs: bootMs + testMs,
      pause: pauseAt && {
        atNs: BigInt(Math.round(pauseAt.guestMs * NS_PER_MS)),
        look: async (kernel) => {
          const view = new KernelView(kernel, await this.#machine.registers());
          await within(LOOK_DEADLINE_MS, (async () => pauseAt.look(view))(), LOOK_TOO_LONG);
        },
      },
      onAttached: (kernel) => this.#memory.attached(kernel),
      onStopped: (atNs) => {
        const writes = memory.take();
        if (writes.length > 0) this.#interferences.push({ atNs, writes });
      },
    });
    this.#pauseError = sampler.then((started) => started.pauseError());
    this.#pauseError.catch(() => undefined);
    this.#follow(sampler);
  }

  /** What the author's look at the guest found wrong, or why there was none. */
  async #pauseFindings(): Promise<AssertDetail[]> {
    const error = await this.#pauseError;
    const { pauseAt } = this.#spec.monitor;
    if (pauseAt === undefined || error === undefined || error === null) return [];
    const { guestMs } = pauseAt;
    const text = isHarnessError(error, 'monitor')
      ? `the guest did not come to ${guestMs} ms of its time: ${error.message}`
      : stackOf(error);
    return [{ kind: 'monitor', outcome: 'fail', message: `pauseAt: ${text}` }];
  }

  #follow(sampler: Promise<Sampler>): void {
    this.#sampler = sampler;
    sampler.catch((error: unknown) => this.#fail(error));
  }

  /** By the clock of the samples. */
  #timeOf({ atNs }: { atNs: number }): bigint {
    return this.#machine.kind === 'deterministic' ? BigInt(atNs) : process.hrtime.bigint();
  }

  #fail(error: unknown): void {
    this.#problem = error instanceof Error ? error.message : String(error);
  }
}

const PACKAGE_FRAME = /^\s+at .*\/node_modules\//;

/** With the frames of the author's own files. The error may be one of the realm of the tests. */
function stackOf(error: unknown): string {
  const { stack, message } = (error ?? {}) as Partial<Error>;
  const lines = (stack ?? message ?? String(error)).split('\n');
  return lines.filter((line) => !PACKAGE_FRAME.test(line)).join('\n');
}

function inconclusive(problem: string): AssertDetail {
  return { kind: 'monitor', outcome: 'inconclusive', message: `the monitor cannot judge: ${problem}` };
}
