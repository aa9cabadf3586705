import { isHarnessError } from '../../../errors';
import type { DomainSample, MonitorSample, ProgramSample, ScxSample } from '../../../verdict/monitor/sample';
import { dsqDepths } from '../kernel/dsq-view';
import type { Kernel } from '../kernel/kernel';
import { scxView } from '../kernel/scx-view';
import { SCX_DISABLED } from '../kernel/scx-state';
import { DomainReader } from './domain-reader';
import { ProgramReader } from './program-reader';

/** Time between two readings. Chosen: lists are walked for them, in milliseconds on a machine of hundreds of CPUs. */
export const SLOW_PERIOD_MS = 200;

/** What is read less often than run queues. Null is what this kernel does not have, or what was just being changed. */
export interface SlowReading {
  /** By the clock of the samples. */
  atNs: bigint;
  programs: ProgramSample[] | null;
  userDsqs: ScxSample['userDsqs'];
  /** By CPU. */
  domains: DomainSample[][] | null;
}

/** Reads what no plan of addresses can have, as its place changes, or what would make each sample large. */
export class SlowReader {
  readonly #kernel: Kernel;
  readonly #cpuCount: number;
  readonly #domains: DomainReader | null;
  readonly #programs: ProgramReader | null;

  constructor(kernel: Kernel, cpuCount: number) {
    this.#kernel = kernel;
    this.#cpuCount = cpuCount;
    this.#domains = attempt(() => DomainReader.of(kernel));
    this.#programs = attempt(() => new ProgramReader(kernel));
  }

  /** Of a guest that may run meanwhile. Never throws. */
  read(atNs: bigint): SlowReading {
    // Programs and maps come and go.
    this.#kernel.memory.forget();
    return {
      atNs,
      programs: attempt(() => this.#programs?.read() ?? null),
      userDsqs: attempt(() => this.#userDsqs()),
      domains: attempt(() => this.#readDomains()),
    };
  }

  #userDsqs(): ScxSample['userDsqs'] {
    const state = scxView(this.#kernel)?.state ?? SCX_DISABLED;
    return state === SCX_DISABLED ? null : dsqDepths(this.#kernel);
  }

  #readDomains(): DomainSample[][] | null {
    const reader = this.#domains;
    if (reader === null || !reader.isOn) return null;
    return Array.from({ length: this.#cpuCount }, (_, cpu) => reader.ofCpu(cpu));
  }
}

/** Puts each reading into the first sample of its time or after it. */
export class SlowMerge {
  readonly #pending: SlowReading[] = [];

  add(reading: SlowReading): void {
    this.#pending.push(reading);
  }

  /** @param sample the next one in order of time */
  apply(sample: MonitorSample): MonitorSample {
    let reading: SlowReading | undefined;
    while ((this.#pending[0]?.atNs ?? sample.hostNs + 1n) <= sample.hostNs) reading = this.#pending.shift();
    if (reading === undefined) return sample;
    const { atNs, programs, userDsqs, domains } = reading;
    return {
      ...sample,
      slowNs: atNs,
      programs: programs ?? [],
      scx: sample.scx && { ...sample.scx, userDsqs },
      cpus:
        domains === null ? sample.cpus : sample.cpus.map((cpu, index) => ({ ...cpu, domains: domains[index] ?? null })),
    };
  }
}

function attempt<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch (error) {
    if (isHarnessError(error)) return null;
    throw error;
  }
}
