import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { Kernel } from '../../../../../src/host/monitor/kernel/kernel';
import { KernelSymbols } from '../../../../../src/host/monitor/symbols/kernel-symbols';
import { SymbolNames } from '../../../../../src/host/monitor/symbols/symbol-names';
import { BtfBuilder, CHAR } from '../btf/build-btf';
import type { PageTableBuilder } from '../byte-memory';
import { BASE, mappedMemory } from '../mapped-memory';

const PAGE = 4096;
export const PAGES = 16;
/** From here on tests put objects. */
export const HEAP = PAGE;

/** Structs of the kernel around BPF with the members that are read, each a multiple of 8 bytes, in an order of our own. */
function kernelBtf(): Buffer {
  const b = new BtfBuilder();
  const u8 = b.int('unsigned char', 1);
  const u32 = b.int('unsigned int', 4);
  const u64 = b.int('unsigned long', 8);
  const pointer = b.ptr(0);
  const name = b.array(b.int('char', 1, { encoding: CHAR }), 16);
  const mapType = b.enum('bpf_map_type', {
    BPF_MAP_TYPE_HASH: 1,
    BPF_MAP_TYPE_ARRAY: 2,
    BPF_MAP_TYPE_PERCPU_HASH: 5,
    BPF_MAP_TYPE_PERCPU_ARRAY: 6,
    BPF_MAP_TYPE_LPM_TRIE: 11,
    BPF_MAP_TYPE_ARRAY_OF_MAPS: 12,
    BPF_MAP_TYPE_HASH_OF_MAPS: 13,
    BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED: 19,
    BPF_MAP_TYPE_CGROUP_STORAGE: 19,
    BPF_MAP_TYPE_QUEUE: 22,
    BPF_MAP_TYPE_STACK: 23,
    BPF_MAP_TYPE_STRUCT_OPS: 26,
    BPF_MAP_TYPE_RINGBUF: 27,
    BPF_MAP_TYPE_TASK_STORAGE: 29,
    BPF_MAP_TYPE_ARENA: 33,
  });
  const progType = b.enum('bpf_prog_type', { BPF_PROG_TYPE_KPROBE: 2, BPF_PROG_TYPE_STRUCT_OPS: 27 });
  const struct = (title: string, members: Record<string, number>, sizes: Record<string, number> = {}): number => {
    let at = 0;
    const placed = Object.entries(members).map(([member, type]) => {
      const place = { name: member, type, at: at * 8 };
      at += sizes[member] ?? 8;
      return place;
    });
    return b.struct(title, at, placed);
  };
  const xarray = struct('xarray', { xa_head: pointer });
  struct('idr', { idr_rt: xarray, idr_base: u32 });
  struct('xa_node', { shift: u8, slots: b.array(pointer, 64) }, { slots: 512 });
  const btf = struct('btf', { data: pointer, data_size: u32, base_btf: pointer, kernel_btf: u8 });
  const facts = { map_type: mapType, key_size: u32, value_size: u32, max_entries: u32, map_flags: u32, id: u32 };
  const types = { btf: b.ptr(btf), btf_key_type_id: u32, btf_value_type_id: u32, btf_vmlinux_value_type_id: u32 };
  const map = struct('bpf_map', { ...facts, ...types, frozen: u8, name }, { name: 16 });
  const mapBytes = 11 * 8 + 16;
  const flexible = b.array(u8, 0);
  const pointers = b.array(pointer, 0);
  const behind = { map: mapBytes, value: 0, ptrs: 0, pptrs: 0 };
  struct('bpf_array', { map, value: flexible, ptrs: pointers, pptrs: pointers }, behind);
  const ring = { map, head: u32, tail: u32, size: u32, elements: flexible };
  struct('bpf_queue_stack', ring, { map: mapBytes, elements: 0 });
  struct('lpm_trie', { map, root: pointer }, { map: mapBytes });
  const node = { child: b.array(pointer, 2), prefixlen: u32, flags: u32, data: flexible };
  struct('lpm_trie_node', node, { child: 16, data: 0 });
  struct('bpf_htab', { map, buckets: pointer, n_buckets: u32 }, { map: mapBytes });
  struct('htab_elem', { next: pointer, key: flexible }, { key: 0 });
  const head = struct('list_start', { first: pointer });
  struct('bucket', { head, lock: u32 });
  struct('bpf_local_storage_map', { map, buckets: pointer, bucket_log: u32 }, { map: mapBytes });
  struct('bpf_local_storage_map_bucket', { list: head });
  const owner = struct('bpf_local_storage', { owner: pointer });
  const data = struct('bpf_local_storage_data', { smap: pointer, data: flexible }, { data: 0 });
  struct('bpf_local_storage_elem', { map_node: pointer, local_storage: b.ptr(owner), sdata: data });
  struct('task_struct', { pid: u32 });
  struct('bpf_struct_ops_map', { map, btf: pointer, kvalue: u64 }, { map: mapBytes });
  const ringbuf = struct('bpf_ringbuf', { mask: u64, consumer_pos: u64, producer_pos: u64, pending_pos: u64 });
  struct('bpf_ringbuf_map', { map, rb: b.ptr(ringbuf) }, { map: mapBytes });
  const vm = struct('vm_struct', { addr: pointer });
  struct('bpf_arena', { map, user_vm_start: u64, user_vm_end: u64, kern_vm: b.ptr(vm) }, { map: mapBytes });
  const func = struct('bpf_func_info', { insn_off: u32, type_id: u32 });
  const auxIds = { id: u32, func_cnt: u32, verified_insns: u32, attach_btf_id: u32 };
  const auxPointers = { attach_btf: pointer, attach_func_name: b.ptr(name), func: pointer, btf: pointer };
  const aux = struct('bpf_prog_aux', { ...auxIds, ...auxPointers, func_info: b.ptr(func), name }, { name: 16 });
  const program = { type: progType, expected_attach_type: u32, jited_len: u32, tag: b.array(u8, 8), stats: pointer };
  struct('bpf_prog', { ...program, aux: b.ptr(aux) });
  struct('bpf_prog_stats', { cnt: u64, nsecs: u64, misses: u64 });
  return b.build();
}

const BLOB = kernelBtf();
/** Variables, each a word of the first page. */
const SYMBOLS = [
  'map_idr',
  'idr_base',
  'prog_idr',
  'idr_base',
  'nr_cpu_ids',
  'bpf_stats_enabled_key',
  '__per_cpu_offset',
];
const wordOf = (symbol: string): number => SYMBOLS.indexOf(symbol) * 8;

/** Symbols of a kernel, each a word from BASE on. */
export function smallSymbols(symbols: readonly string[]): KernelSymbols {
  const offsets = Int32Array.from(symbols, (_, index) => index * 8);
  return new KernelSymbols({ names: namesOf(symbols), offsets, hasAbsolutes: false }, BASE);
}

/** With a token for each character; the first one of a symbol is its kind. */
function namesOf(symbols: readonly string[]): SymbolNames {
  const tokens = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
  const records = symbols.flatMap((symbol) => [Buffer.from([symbol.length + 1]), Buffer.from(`D${symbol}`)]);
  return new SymbolNames({ records: Buffer.concat(records), count: symbols.length, tokens });
}

/** A kernel of two CPUs whose memory is a buffer; CPU 1's copy of per-CPU memory is 64 bytes behind that of CPU 0. */
export class SmallKernel {
  readonly bytes: Buffer;
  readonly kernel: Kernel;
  readonly tables: PageTableBuilder;

  constructor() {
    const { bytes, memory, tables } = mappedMemory(PAGES);
    this.bytes = bytes;
    this.tables = tables;
    this.kernel = new Kernel({ memory, symbols: smallSymbols(SYMBOLS), btf: parseBtf(BLOB) });
    bytes.writeUInt32LE(2, wordOf('nr_cpu_ids'));
    bytes.writeBigUInt64LE(64n, wordOf('__per_cpu_offset') + 8);
  }

  /** The address of an offset into the memory. */
  at(offset: number): bigint {
    return BASE + BigInt(offset);
  }

  /** Puts objects of a struct, by their offsets, under the ids from 1 on into an IDR, whose node is on the last page but one. */
  fill(symbol: 'map_idr' | 'prog_idr', offsets: readonly number[]): void {
    const node = (PAGES - 2) * PAGE + (symbol === 'map_idr' ? 0 : 1024);
    this.bytes.writeBigUInt64LE(this.at(node) + 2n, wordOf(symbol));
    this.bytes.fill(0, node, node + 8 + 64 * 8);
    offsets.forEach((offset, index) => this.put('xa_node', node, { [`slots[${index + 1}]`]: this.at(offset) }));
  }

  countStats(): void {
    this.bytes.writeUInt32LE(1, wordOf('bpf_stats_enabled_key'));
  }

  /** Writes members of a struct at an offset. */
  put(struct: string, offset: number, members: Record<string, number | bigint | string>): void {
    const object = this.kernel.object(struct, this.at(offset));
    for (const [path, value] of Object.entries(members)) {
      const { address } = object.get(path);
      const at = Number(address - BASE);
      if (typeof value === 'string') this.bytes.write(value, at, 'latin1');
      else this.bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), at);
    }
  }
}
