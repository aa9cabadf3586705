import { member } from '../btf/layout';
import type { Kernel } from './kernel';

const MS_PER_S = 1000;

/**
 * How long the task of sched_ext that has waited longest for any CPU is runnable, in ms; 0 when none waits, null when this kernel does not
 * tell. Of a guest that runs, so one answer may be wrong.
 */
export function longestWaitMs(kernel: Kernel): number | null {
  const { btf, memory, symbols, hz } = kernel;
  if (hz === null) return null;
  const list = BigInt(member(btf, 'rq', 'scx.runnable_list').offsetBytes);
  const since = BigInt(
    member(btf, 'task_struct', 'scx.runnable_at').offsetBytes -
      member(btf, 'task_struct', 'scx.runnable_node').offsetBytes,
  );
  const now = memory.readU64(symbols.need('jiffies'));
  let longest = 0n;
  for (let cpu = 0; cpu < kernel.cpuCount; cpu++) {
    const head = symbols.need('runqueues') + kernel.perCpuBase(cpu) + list;
    const first = memory.readU64(head);
    // A list that has never been used is not set up.
    if (first === head || first === 0n) continue;
    const ticks = BigInt.asIntN(64, now - memory.readU64(first + since));
    if (ticks > longest) longest = ticks;
  }
  return (Number(longest) * MS_PER_S) / hz;
}
