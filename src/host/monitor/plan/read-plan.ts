/**
 * Where a value is: start at `base`, a kernel address; each step adds its offset and follows the pointer found there; `length` bytes at
 * `offset` behind the last are the value. A null pointer or an address that is not mapped on the way makes it unknown.
 */
export interface ReadExpression {
  base: bigint;
  /** Offsets before each pointer, at most six. */
  steps?: readonly number[];
  offset?: number;
  /** 1 to 4096. */
  length: number;
  /** Read in each sample whose number is a multiple of this; between these the value stays. By default 1. */
  every?: number;
}

/**
 * Expressions that are to be of one moment. The first has 8 bytes and guards them: it is read before and after the others, and when it
 * changed meanwhile all are read again, at most three times. The guard's `every` is that of all.
 */
export interface ReadGroup {
  /** Number of its first expression. */
  first: number;
  count: number;
}

/** What is read in a sample, in order. */
export interface ReadPlan {
  expressions: readonly ReadExpression[];
  /** Ascending, without overlap. */
  groups: readonly ReadGroup[];
  /** Threads of the host whose CPU time and run delay are read in each sample whose number is a multiple of `threadsEvery`. */
  threads: readonly { pid: number; tid: number }[];
  /** By default 1. */
  threadsEvery?: number;
}
