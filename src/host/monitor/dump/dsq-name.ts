/** Ids of the DSQs that sched_ext has itself: enum scx_dsq_id_flags of include/linux/sched/ext.h. */
const BUILT_IN = 1n << 63n;
const LOCAL_ON = 1n << 62n;
const GLOBAL = 1n;
const LOCAL = 2n;

/** What a DSQ is called. @param cpu of the task that is in it */
export function dsqName(id: bigint, cpu: number): string {
  if ((id & BUILT_IN) === 0n) return `DSQ 0x${id.toString(16)}`;
  const own = id & ~BUILT_IN;
  if ((own & LOCAL_ON) !== 0n) return `the local DSQ of cpu ${own & ~LOCAL_ON}`;
  if (own === LOCAL) return `the local DSQ of cpu ${cpu}`;
  return own === GLOBAL ? 'the global DSQ' : `the built-in DSQ ${own}`;
}
