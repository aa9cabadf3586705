import type { TestOptions } from './options';

/** Whether an option speaks about the machine or the workers in it, so that it contradicts `hostOnly`. */
export const NEEDS_MACHINE: Readonly<Record<keyof TestOptions, boolean>> = {
  numaNodes: true,
  llcs: true,
  cores: true,
  threads: true,
  memoryMib: true,
  durationMs: false,
  workersPerCgroup: false,
  machine: true,
  seed: false,
  repeat: true,
  scheduler: true,
  stagedSchedulers: true,
  flags: true,
  requiredFlags: true,
  excludedFlags: true,
  schedulerArgs: true,
  schedulerConfig: true,
  kernel: true,
  kernelArgs: true,
  sysctls: true,
  timeoutMs: false,
  hostOnly: false,
  expectFailure: true,
  allowInconclusive: false,
  verbose: true,
  consoleAllow: true,
  includeFiles: true,
  after: true,
  notStuck: true,
  isolation: true,
  maxGapMs: true,
  maxSpreadPct: true,
  maxThroughputCv: true,
  minWorkRate: true,
  minIterationRate: true,
  maxMigrationRatio: true,
  monitor: true,
  bpfMapWrite: true,
  watchBpfMaps: true,
};

/** Lists to which a layer adds, where it would replace others. */
const JOINED = [
  'kernelArgs',
  'includeFiles',
  'stagedSchedulers',
  'requiredFlags',
  'excludedFlags',
  'schedulerArgs',
  'consoleAllow',
  'watchBpfMaps',
] as const satisfies readonly (keyof TestOptions)[];

const MACHINE_OPTIONS: ReadonlySet<string> = new Set(
  Object.entries(NEEDS_MACHINE).flatMap(([name, isNeeded]) => (isNeeded ? [name] : [])),
);

/**
 * Layers options, class defaults under those of the test: the last one set wins and `undefined` inherits; sysctls and monitor merge by name,
 * the lists of `JOINED` are joined in order. A layer that sets `hostOnly` does not inherit what needs a machine.
 *
 * Nothing is validated: what is no object or no list is passed on as it is, so that resolving the result reports it.
 */
export function mergeOptions(...layers: readonly (TestOptions | undefined)[]): TestOptions {
  let merged: TestOptions = {};
  for (const layer of layers) {
    if (layer === undefined) continue;
    if (!isRecord(layer)) return layer;
    merged = overlay(layer.hostOnly === true ? withoutMachine(merged) : merged, layer);
  }
  return merged;
}

function overlay(base: TestOptions, layer: TestOptions): TestOptions {
  return {
    ...base,
    ...definedEntries(layer),
    ...definedEntries({
      sysctls: mergeRecords(base.sysctls, layer.sysctls),
      monitor: mergeRecords(base.monitor, layer.monitor),
      ...Object.fromEntries(JOINED.map((name) => [name, joinLists<unknown>(base[name], layer[name])])),
    }),
  };
}

function withoutMachine(options: TestOptions): TestOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !MACHINE_OPTIONS.has(name)));
}

function mergeRecords<T extends object>(base: T | undefined, layer: T | undefined): T | undefined {
  if (base === undefined || layer === undefined) return layer === undefined ? base : layer;
  if (!isRecord(base)) return base;
  return isRecord(layer) ? { ...base, ...definedEntries(layer) } : layer;
}

function joinLists<T>(base: readonly T[] | undefined, layer: readonly T[] | undefined): readonly T[] | undefined {
  if (base === undefined || layer === undefined) return layer === undefined ? base : layer;
  if (!Array.isArray(base)) return base;
  return Array.isArray(layer) ? [...base, ...layer] : layer;
}

function definedEntries(record: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
