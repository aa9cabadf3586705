import { HarnessError } from '../../../errors';
import { member } from '../btf/layout';
import type { Kernel } from './kernel';
import type { KernelObject } from './kernel-object';

/**
 * The kernel's own log (kernel/printk/printk_ringbuffer.h): a ring of descriptors, numbered by ids that go on for good, and of each one an
 * info and a block in a ring of texts. The upper two bits of a descriptor's state tell how far it is written, the others are its id. A block
 * is a long, the id again, and the text; one that would not fit at the end of its ring is at the beginning.
 */
const ID_BITS = 62;
const COMMITTED = 1n;
const FINALIZED = 2n;
/** Of what has no text, both positions are odd. */
const WITHOUT_TEXT = 1n;
const BLOCK_HEADER_BYTES = 8n;
/** The largest that a kernel can be configured to: CONFIG_LOG_BUF_SHIFT. */
const MAX_BITS = 32;
const NS_PER_US = 1000n;
const US_PER_S = 1_000_000;

/** The last lines that the kernel has logged, whether or not a console has shown them; empty before the first. @throws {HarnessError} `decode` */
export function lastLines(kernel: Kernel, count: number): string[] {
  const object = kernel.pointed('prb', 'printk_ringbuffer');
  if (object === null) return [];
  const ring = new LogRing(kernel, object);
  const lines: string[] = [];
  for (let back = 0n; back < count; back++) {
    const id = BigInt.asUintN(ID_BITS, ring.head - back);
    lines.unshift(...ring.linesOf(id));
    if (id === ring.tail) break;
  }
  return lines.slice(-count);
}

/** The rings, with the places of what is read of each message: they are the same for all of them. */
class LogRing {
  /** Ids of the newest message and of the oldest one. */
  readonly head: bigint;
  readonly tail: bigint;
  readonly #kernel: Kernel;
  readonly #descriptors: Elements;
  readonly #infos: Elements;
  readonly #texts: { start: bigint; bytes: bigint };

  constructor(kernel: Kernel, ring: KernelObject) {
    this.#kernel = kernel;
    this.head = ring.get('desc_ring.head_id.counter').big();
    this.tail = BigInt.asUintN(ID_BITS, ring.get('desc_ring.tail_id.counter').big());
    const count = sizeOf(ring, 'desc_ring.count_bits');
    this.#descriptors = new Elements(kernel, {
      ...{ start: ring.get('desc_ring.descs').big(), count, struct: 'prb_desc' },
      members: ['state_var.counter', 'text_blk_lpos.begin', 'text_blk_lpos.next'],
    });
    this.#infos = new Elements(kernel, {
      ...{ start: ring.get('desc_ring.infos').big(), count, struct: 'printk_info' },
      members: ['text_len', 'ts_nsec'],
    });
    this.#texts = { start: ring.get('text_data_ring.data').big(), bytes: sizeOf(ring, 'text_data_ring.size_bits') };
  }

  /** None of a message that is not written yet, or not there any more. */
  linesOf(id: bigint): string[] {
    const [state = 0n, begin = 0n, next = 0n] = this.#descriptors.read(id);
    if (![COMMITTED, FINALIZED].includes(state >> BigInt(ID_BITS)) || BigInt.asUintN(ID_BITS, state) !== id) return [];
    if ((begin & WITHOUT_TEXT) !== 0n || next === begin) return [];
    const { start, bytes } = this.#texts;
    const isWrapped = begin / bytes !== (next - 1n) / bytes;
    const [length = 0n, ns = 0n] = this.#infos.read(id);
    const at = start + (isWrapped ? 0n : begin % bytes) + BLOCK_HEADER_BYTES;
    const text = this.#kernel.memory.read(at, Number(length)).toString('utf8');
    const time = timeText(Number(ns / NS_PER_US));
    return text.split('\n').map((line) => `[${time}] ${line}`);
  }
}

interface ElementsOptions {
  start: bigint;
  count: bigint;
  struct: string;
  /** Paths of whole numbers without a sign. */
  members: readonly string[];
}

/** A ring of structs, of which a few members are read. */
class Elements {
  readonly #kernel: Kernel;
  readonly #start: bigint;
  readonly #count: bigint;
  readonly #bytes: number;
  readonly #places: { offset: number; bytes: number }[];

  constructor(kernel: Kernel, { start, count, struct, members }: ElementsOptions) {
    this.#kernel = kernel;
    this.#start = start;
    this.#count = count;
    this.#bytes = kernel.btf.struct(struct).sizeBytes;
    this.#places = members.map((path) => {
      const { offsetBytes, sizeBytes } = member(kernel.btf, struct, path);
      return { offset: offsetBytes, bytes: sizeBytes };
    });
  }

  /** By the number of an element, which goes on when the ring begins again. */
  read(number: bigint): bigint[] {
    const bytes = this.#kernel.memory.read(this.#start + (number % this.#count) * BigInt(this.#bytes), this.#bytes);
    return this.#places.map((place) =>
      place.bytes === 8 ? bytes.readBigUInt64LE(place.offset) : BigInt(bytes.readUIntLE(place.offset, place.bytes)),
    );
  }
}

/** Of a ring, from its logarithm. */
function sizeOf(ring: KernelObject, path: string): bigint {
  const bits = ring.get(path).number();
  if (bits <= MAX_BITS) return 1n << BigInt(bits);
  throw new HarnessError('decode', { what: "the kernel's log", at: path, problem: `a ring of 2^${bits} entries` });
}

/** As the console has it: seconds, and six digits of microseconds. */
function timeText(us: number): string {
  return (us / US_PER_S).toFixed(6).padStart(12);
}
