import { HarnessError } from '../../../errors';
import type { BpfMapWatch } from '../../../verdict/monitor/bpf-settings';
import type { KernelObject } from '../kernel/kernel-object';
import type { BpfMap } from './bpf-map';
import { objectsAt } from './bpf-place';

/** An integer in the memory of a guest. */
export interface WatchedWord {
  address: bigint;
  bytes: number;
  isSigned: boolean;
}

/** Where the monitor finds what it samples under a name: one word, or one for each CPU. */
export type WatchedPlace = { name: string } & ({ word: WatchedWord } | { words: readonly WatchedWord[] });

/**
 * Where a value is that is to be watched, for as long as the maps of its program are there.
 * @param all the maps of the guest
 * @param prefix of its name, in front of its label
 * @throws HarnessError `bpf-watch` for what is not of its kind, `bpf-unknown`, `bpf-map-type`, `btf-unknown`
 */
export function watchedPlace(
  all: readonly BpfMap[],
  watch: BpfMapWatch,
  { prefix, cpuCount }: { prefix: string; cpuCount: number },
): WatchedPlace {
  const name = `${prefix}_${watch.label}`;
  const objects = objectsAt(all, watch);
  const [only] = objects;
  const isPerCpu = watch.as === 'perCpu' || watch.as === 'perCpuCounter';
  if (isPerCpu) return { name, words: perCpu(objects, { watch, cpuCount }).map((object) => wordOf(object, watch)) };
  if (only !== undefined && objects.length === 1) return { name, word: wordOf(only, watch) };
  throw refused(watch, 'it has a value for each CPU; watch it as perCpu or perCpuCounter');
}

function perCpu(
  objects: readonly KernelObject[],
  { watch, cpuCount }: { watch: BpfMapWatch; cpuCount: number },
): readonly KernelObject[] {
  const [only] = objects;
  if (only === undefined || objects.length > 1) return objects.slice(0, cpuCount);
  const { length } = only;
  if (length !== null && length >= cpuCount) return Array.from({ length: cpuCount }, (_, cpu) => only.get(`[${cpu}]`));
  const has = length === null ? 'one value' : `${length} elements`;
  throw refused(watch, `it has ${has}, and the machine ${cpuCount} CPUs`);
}

function wordOf(object: KernelObject, watch: BpfMapWatch): WatchedWord {
  const { integer } = object;
  if (integer !== null) return { address: object.address, ...integer };
  throw refused(watch, `it is of type ${object.typeName}; name an integer in it`);
}

function refused(watch: BpfMapWatch, problem: string): HarnessError {
  const place = 'map' in watch ? `${watch.map} ${watch.field}` : watch.variable;
  return new HarnessError('bpf-watch', { place, as: watch.as, problem });
}
