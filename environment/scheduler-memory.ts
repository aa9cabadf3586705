import type { BpfMap } from '../src/host/monitor/bpf/bpf-map';
import { maps } from '../src/host/monitor/bpf/maps';
import { type WatchedPlace, watchedPlace } from '../src/host/monitor/bpf/watched-place';
import { writeBpf } from '../src/host/monitor/bpf/write-bpf';
import { tellGuest } from '../src/host/monitor/kernel/host-word';
import type { Kernel } from '../src/host/monitor/kernel/kernel';
import { scxView } from '../src/host/monitor/kernel/scx-view';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { cpuCount } from '../src/spec/topology/topology';
import type { AssertDetail } from '../src/verdict/assert-result';
import type { BpfMapWatch, WatchKind } from '../src/verdict/monitor/bpf-settings';

/** Whether a test wants anything of the memory of its scheduler. */
export function looksIntoScheduler({ bpfMapWrite, watchBpfMaps }: TestSpec): boolean {
  return bpfMapWrite.length > 0 || watchBpfMaps.length > 0;
}

/** The maps of a guest, and what its scheduler is called in metrics. */
interface Attached {
  all: readonly BpfMap[];
  prefix: string;
}

/** What a test wants of the memory of its scheduler: values that are written once, and values that are sampled. */
export class SchedulerMemory {
  /** How watched values count, by their names, of all that were found. */
  readonly kinds = new Map<string, WatchKind>();
  readonly #spec: TestSpec;
  /** Null as long as nothing was written; once it was, why that was not possible, or that it was. */
  #written: string | true | null = null;
  /** Why a value to be watched was not found, in no scheduler so far. */
  readonly #missing = new Map<BpfMapWatch, string | null>();

  constructor(spec: TestSpec) {
    this.#spec = spec;
    for (const watch of spec.watchBpfMaps) this.#missing.set(watch, null);
  }

  /** Called when a scheduler is attached, while the guest waits for it or stands still. Tells what is to be watched. Never throws. */
  attached(kernel: Kernel): WatchedPlace[] {
    if (this.#spec.bpfMapWrite.length > 0 && this.#written === null) this.#write(kernel);
    const places: WatchedPlace[] = [];
    let found: Attached | undefined;
    const look = (): Attached => (found ??= { all: maps(kernel), prefix: this.#nameOf(scxView(kernel)?.ops ?? '') });
    for (const watch of this.#spec.watchBpfMaps) {
      const problem = textOfFailure(() => places.push(this.#find(look(), watch)));
      if (problem === null) this.#missing.delete(watch);
      else if (this.#missing.has(watch)) this.#missing.set(watch, problem);
    }
    return places;
  }

  /** @param problem why the guest's memory could not be looked into, if that was so */
  findings(problem: string): AssertDetail[] {
    const isUnwritten = this.#spec.bpfMapWrite.length > 0 && this.#written !== true;
    return [
      ...(isUnwritten ? [`bpfMapWrite: ${this.#written ?? problem}`] : []),
      ...[...this.#missing.values()].map((why) => `watchBpfMaps: ${why ?? problem}`),
    ].map((message) => ({ kind: 'bpf', outcome: 'fail', message }));
  }

  #write(kernel: Kernel): void {
    this.#written = textOfFailure(() => writeBpf(kernel, this.#spec.bpfMapWrite)) ?? true;
    const word = this.#written === true ? 'ktstr:written' : 'ktstr:refused';
    const untold = textOfFailure(() => tellGuest(kernel, word));
    if (this.#written === true && untold !== null) this.#written = untold;
  }

  #find({ all, prefix }: Attached, watch: BpfMapWatch): WatchedPlace {
    const place = watchedPlace(all, watch, { prefix, cpuCount: cpuCount(this.#spec.topology) });
    this.kinds.set(place.name, watch.as);
    return place;
  }

  /** As it is declared: what the kernel calls a scheduler may have its version behind. */
  #nameOf(ops: string): string {
    const { scheduler, stagedSchedulers } = this.#spec;
    const programs = [...(scheduler.kind === 'binary' ? [scheduler] : []), ...stagedSchedulers];
    const declared = programs.find((program) => ops === program.ops || ops.startsWith(`${program.ops}_`));
    return declared?.ops ?? ops;
  }
}

function textOfFailure(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
