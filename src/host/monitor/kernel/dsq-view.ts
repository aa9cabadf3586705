import type { DsqView, TaskView } from '../../../verdict/monitor/guest-view';
import { hasMember } from '../btf/layout';
import type { Kernel } from './kernel';
import type { KernelObject } from './kernel-object';
import { taskView } from './task-view';

/** SCX_DSQ_LNODE_ITER_CURSOR: the place of a BPF iterator, among the tasks. */
const CURSOR = 1;
/** Of rhashtable: the mark of a chain's end, and the lock in a bucket's pointer. */
const LOW_BIT = 1n;
const POINTER_BYTES = 8;
const MAX_BUCKETS = 1 << 20;
const MAX_CHAIN = 10_000;

/** The tasks in a struct scx_dispatch_q, in its order of a FIFO. */
export function dsqTasks(kernel: Kernel, dsq: KernelObject): TaskView[] {
  const hasCursors = hasMember(kernel.btf, 'task_struct', 'scx.dsq_list.flags');
  const nodes = [...kernel.list(dsq.get('list').address, 'task_struct', 'scx.dsq_list.node')];
  const isTask = (node: KernelObject): boolean =>
    !hasCursors || (node.get('scx.dsq_list.flags').number() & CURSOR) === 0;
  return nodes.filter(isTask).map((node) => taskView(kernel, node));
}

/** The user DSQs of the scheduler that is attached, by their id; empty without sched_ext. */
export function userDsqs(kernel: Kernel): DsqView[] {
  const views = [...dsqs(kernel)].map((dsq) => ({
    id: dsq.get('id').big(),
    depth: dsq.get('nr').number(),
    tasks: dsqTasks(kernel, dsq),
  }));
  return views.toSorted(byId);
}

/** The same without their tasks. */
export function dsqDepths(kernel: Kernel): Pick<DsqView, 'id' | 'depth'>[] {
  const depths = [...dsqs(kernel)].map((dsq) => ({ id: dsq.get('id').big(), depth: dsq.get('nr').number() }));
  return depths.toSorted(byId);
}

function byId(a: { id: bigint }, b: { id: bigint }): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/** From 6.18 on each scheduler has a table of its own. */
function* dsqs(kernel: Kernel): Generator<KernelObject> {
  const isOwn = hasMember(kernel.btf, 'scx_sched', 'dsq_hash');
  const root = isOwn ? kernel.pointed('scx_root', 'scx_sched') : null;
  const shared = kernel.symbols.find('dsq_hash') === undefined ? null : kernel.global('dsq_hash', 'rhashtable');
  const table = (root?.get('dsq_hash') ?? shared)?.get('tbl');
  if (table !== undefined && table.big() !== 0n) yield* hashed(kernel, table.target());
}

/** The entries of an rhashtable (include/linux/rhashtable.h) of DSQs. */
function* hashed(kernel: Kernel, table: KernelObject): Generator<KernelObject> {
  const link = kernel.object('scx_dispatch_q', 0n).get('hash_node').address;
  const buckets = table.get('buckets').address;
  const size = Math.min(table.get('size').number(), MAX_BUCKETS);
  for (let bucket = 0; bucket < size; bucket++) {
    let node = kernel.memory.readU64(buckets + BigInt(bucket * POINTER_BYTES)) & ~LOW_BIT;
    for (let length = 0; node !== 0n && length < MAX_CHAIN; length++) {
      yield kernel.object('scx_dispatch_q', node - link);
      const next = kernel.memory.readU64(node);
      if ((next & LOW_BIT) !== 0n) break;
      node = next;
    }
  }
}
