import { BtfBuilder, SIGNED } from '../btf/build-btf';
import { HEAP, SmallKernel } from './small-kernel';

const BTF_AT = HEAP + 3584;
const BLOB_AT = HEAP + 4096;
const MAP_BYTES = 512;
const BEHIND_MAP = 104;
/** Where the values of each map are. */
export const [BSS, COUNTS, PER_CPU] = [0, 2, 4].map((index) => HEAP + index * MAP_BYTES + BEHIND_MAP) as [
  number,
  number,
  number,
];
export const PER_CPU_AT = HEAP + 3072;

/** A scheduler with variables, constants, and maps of three kinds: array, hash and per-CPU array. */
export function smallScheduler(): SmallKernel {
  const builder = new BtfBuilder();
  const u32 = builder.int('u32', 4);
  const limits = builder.struct('limits', 8, [
    { name: 'low', type: u32, at: 0 },
    { name: 'high', type: u32, at: 32 },
  ]);
  const s64 = builder.int('s64', 8, { encoding: SIGNED });
  const bss = builder.datasec('.bss', 32, [
    { var: builder.var('stall', u32), at: 0, size: 4 },
    { var: builder.var('limits', limits), at: 4, size: 8 },
    { var: builder.var('limits.low', u32), at: 12, size: 4 },
    { var: builder.var('runs', builder.array(u32, 2)), at: 16, size: 8 },
    { var: builder.var('lead', s64), at: 24, size: 8 },
  ]);
  const rodata = builder.datasec('.rodata', 4, [{ var: builder.var('cpus', u32), at: 0, size: 4 }]);
  const blob = builder.build();
  const small = new SmallKernel();
  blob.copy(small.bytes, BLOB_AT);
  small.put('btf', BTF_AT, { data: small.at(BLOB_AT), data_size: blob.length });
  const array = { map_type: 2, key_size: 4, value_size: 16, max_entries: 1, btf: small.at(BTF_AT) };
  const maps = [
    { ...array, btf_value_type_id: bss, value_size: 32, name: 'mine.bss' },
    { ...array, btf_value_type_id: rodata, map_flags: 128, frozen: 1, name: 'mine.rodata' },
    { ...array, btf_value_type_id: u32, value_size: 4, max_entries: 3, name: 'counts' },
    { ...array, btf_value_type_id: u32, map_type: 1, name: 'by_key' },
    { ...array, btf_value_type_id: u32, map_type: 6, value_size: 4, name: 'per_cpu' },
  ];
  maps.forEach((facts, index) => small.put('bpf_map', HEAP + index * MAP_BYTES, { ...facts, id: index + 1 }));
  small.fill(
    'map_idr',
    maps.map((_, index) => HEAP + index * MAP_BYTES),
  );
  small.bytes.writeBigUInt64LE(small.at(PER_CPU_AT), PER_CPU);
  return small;
}
