/** A value in the BPF memory of a scheduler, by names that its author knows. */
export type BpfPlace =
  /** A global variable of its program, or a part of one: `stall`, `llc_clock[1]`, `config.slice_ns`. */
  | { variable: string }
  /** A map by how its name ends, and the path of a value in it, as `GuestMap.get()` takes it: `[2].count`. */
  | { map: string; field: string };

/** What the host writes there. */
export type BpfMapWrite = (
  | BpfPlace
  /** Bytes of an array by their offset from its first value on, as one whole number of 1, 2, 4 or 8 of them. */
  | { map: string; offset: number; bytes: 1 | 2 | 4 | 8 }
) & { value: number | bigint | boolean | string };

/**
 * How a value that is sampled counts: a level at each moment or a count that only grows, one of it or one for each CPU. Those for each CPU are
 * the values of a per-CPU map, or an array with an element for each CPU.
 */
export const WATCH_KINDS = ['gauge', 'counter', 'perCpu', 'perCpuCounter'] as const;
export type WatchKind = (typeof WATCH_KINDS)[number];

/** A value that the monitor samples, and what it is called. */
export type BpfMapWatch = BpfPlace & { as: WatchKind; label: string };

/** One value, or one for each CPU, by their numbers. */
export type WatchedValue = bigint | readonly bigint[];
