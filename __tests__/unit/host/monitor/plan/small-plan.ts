/** Three expressions, a group of the first two, and a thread. */
export const PLAN = {
  expressions: [
    { base: 0xffff_ffff_8123_4560n, length: 8 },
    { base: 0x10n, steps: [16, -8], offset: -1, length: 5, every: 10 },
    { base: 0x20n, length: 4 },
  ],
  groups: [{ first: 0, count: 2 }],
  threads: [{ pid: 7, tid: 9 }],
  threadsEvery: 3,
};
