import { HarnessError } from '../../../errors';
import type { Kernel } from './kernel';
import type { KernelObject } from './kernel-object';

/**
 * The kernel's own log (kernel/printk/printk_ringbuffer.h): a ring of descriptors, numbered by ids that go on for good, and of each one an
 * info and a block in a ring of texts. The upper two bits of a descriptor's state tell how far it is written, the others are its id. A block
 * is a long, the id again, and the text; one that would not fit at the end of its ring is at the beginning.
 */
const ID_BITS = 62n;
const COMMITTED = 1n;
const FINALIZED = 2n;
/** Of what has no text, both positions are odd. */
const WITHOUT_TEXT = 1n;
const BLOCK_HEADER_BYTES = 8n;
/** The largest that a kernel can be configured to: CONFIG_LOG_BUF_SHIFT. */
const MAX_BITS = 32;
const NS_PER_US = 1000;
const US_PER_S = 1_000_000;

/** The last lines that the kernel has logged, whether or not a console has shown them; empty before the first. @throws {HarnessError} `decode` */
export function lastLines(kernel: Kernel, count: number): string[] {
  const ring = kernel.pointed('prb', 'printk_ringbuffer');
  if (ring === null) return [];
  const [head, tail] = [ring.get('desc_ring.head_id.counter').big(), ring.get('desc_ring.tail_id.counter').big()];
  const messages: string[] = [];
  for (let back = 0n; back < count; back++) {
    const id = BigInt.asUintN(Number(ID_BITS), head - back);
    messages.unshift(...messageLines(kernel, ring, id));
    if (id === BigInt.asUintN(Number(ID_BITS), tail)) break;
  }
  return messages.slice(-count);
}

/** None of a message that is not written yet, or not there any more. */
function messageLines(kernel: Kernel, ring: KernelObject, id: bigint): string[] {
  const index = id & (size(ring, 'desc_ring.count_bits') - 1n);
  const descriptor = element(kernel, ring.get('desc_ring.descs'), { struct: 'prb_desc', index });
  const state = BigInt.asUintN(64, descriptor.get('state_var.counter').big());
  if (![COMMITTED, FINALIZED].includes(state >> ID_BITS) || BigInt.asUintN(Number(ID_BITS), state) !== id) return [];
  const begin = BigInt.asUintN(64, descriptor.get('text_blk_lpos.begin').big());
  const next = BigInt.asUintN(64, descriptor.get('text_blk_lpos.next').big());
  if ((begin & WITHOUT_TEXT) !== 0n || next === begin) return [];
  const info = element(kernel, ring.get('desc_ring.infos'), { struct: 'printk_info', index });
  const bytes = size(ring, 'text_data_ring.size_bits');
  const isWrapped = begin / bytes !== (next - 1n) / bytes;
  const at = ring.get('text_data_ring.data').big() + (isWrapped ? 0n : begin % bytes) + BLOCK_HEADER_BYTES;
  const text = kernel.memory.read(at, info.get('text_len').number()).toString('utf8');
  const us = Math.floor(info.get('ts_nsec').number() / NS_PER_US);
  return text.split('\n').map((line) => `[${timeText(us)}] ${line}`);
}

/** Of a ring, from its logarithm. */
function size(ring: KernelObject, path: string): bigint {
  const bits = ring.get(path).number();
  if (bits <= MAX_BITS) return 1n << BigInt(bits);
  throw new HarnessError('decode', { what: "the kernel's log", at: path, problem: `a ring of 2^${bits} entries` });
}

function element(
  kernel: Kernel,
  pointer: KernelObject,
  { struct, index }: { struct: string; index: bigint },
): KernelObject {
  return kernel.object(struct, pointer.big() + index * BigInt(kernel.btf.struct(struct).sizeBytes));
}

/** As the console has it: seconds, and six digits of microseconds. */
function timeText(us: number): string {
  return (us / US_PER_S).toFixed(6).padStart(12);
}
