import { HarnessError } from '../../../errors';
import type { GuestProgram, GuestProgramStats } from '../../../verdict/monitor/guest-view';
import type { Kernel } from '../kernel/kernel';
import type { KernelObject } from '../kernel/kernel-object';
import { enumName } from './enum-name';
import { idrEntries } from './idr';
import { LoadedBtf } from './loaded-btf';
import { perCpuAddresses } from './map-element';
import { onlyOne } from './only-one';
import { attachedTo, fullName } from './program-names';

/** A BPF program at the moment of reading. The kernel itself keeps 15 characters of its name, its BTF tells the whole of it. */
export interface BpfProgram extends GuestProgram {
  /** Its struct bpf_prog. */
  object: KernelObject;
}

/** BPF_MAX_SUBPROGS of include/linux/bpf_verifier.h. */
const MAX_FUNCTIONS = 256;
const POINTER_BYTES = 8;

/** The BPF programs of a guest, by rising id. */
export function programs(kernel: Kernel): BpfProgram[] {
  // What another one has left behind may be mapped anew.
  kernel.memory.forget();
  const loaded = new LoadedBtf(kernel);
  const areCounted = statsAreOn(kernel);
  return [...programObjects(kernel)].map(({ object }) => ({
    ...programFacts(kernel, object, loaded),
    stats: areCounted ? programStats(kernel, object) : null,
  }));
}

/** Each program as a struct bpf_prog, by rising id. */
export function* programObjects(kernel: Kernel): Generator<{ id: number; object: KernelObject }> {
  for (const { id, address } of idrEntries(kernel, kernel.global('prog_idr', 'idr'))) {
    if (kernel.memory.translate(address) === null) continue;
    const object = kernel.object('bpf_prog', address);
    // One that is being made, or is gone, has another id than its place.
    if (object.get('aux').big() !== 0n && object.get('aux.id').number() === id) yield { id, object };
  }
}

/**
 * The BPF program of a name, or of an id, as names need not be unique.
 * @throws HarnessError `bpf-unknown` with what there is when it is none, or several
 */
export function program(kernel: Kernel, nameOrId: string | number): BpfProgram {
  return onlyOne(programs(kernel), {
    what: 'program',
    wanted: nameOrId,
    nameOf: ({ name }) => name,
    idOf: ({ id }) => id,
    tell: ({ id, name }) => `${name} (id ${id})`,
    remedy: 'give an id',
  });
}

/** What stays the same of a program. */
export function programFacts(kernel: Kernel, object: KernelObject, loaded: LoadedBtf): Omit<BpfProgram, 'stats'> {
  return {
    id: object.get('aux.id').number(),
    name: fullName(object, loaded),
    type: enumName(kernel.btf, { type: 'bpf_prog_type', prefix: 'BPF_PROG_TYPE_', value: object.get('type').big() }),
    attachedTo: attachedTo(object, loaded),
    tag: object.get('tag').bytes().toString('hex'),
    jitedBytes: jitedBytes(kernel, object),
    verifiedInsns: object.get('aux.verified_insns').number(),
    object,
  };
}

/** A program of several functions has a struct bpf_prog for each, its own among them. */
function jitedBytes(kernel: Kernel, object: KernelObject): number {
  const count = object.get('aux.func_cnt').number();
  if (count === 0) return object.get('jited_len').number();
  if (count > MAX_FUNCTIONS)
    throw new HarnessError('decode', { what: 'a BPF program', at: 'func_cnt', problem: `${count} functions` });
  const table = kernel.memory.read(object.get('aux.func').big(), count * POINTER_BYTES);
  return Array.from({ length: count }, (_, index) =>
    kernel
      .object('bpf_prog', table.readBigUInt64LE(index * POINTER_BYTES))
      .get('jited_len')
      .number(),
  ).reduce((sum, bytes) => sum + bytes, 0);
}

/** A static key. */
function statsAreOn({ symbols, memory }: Kernel): boolean {
  const key = symbols.find('bpf_stats_enabled_key');
  return key !== undefined && memory.read(key, 4).readInt32LE() > 0;
}

function programStats(kernel: Kernel, object: KernelObject): GuestProgramStats {
  const copies = perCpuAddresses(kernel, object.get('stats').big()).map((at) => kernel.object('bpf_prog_stats', at));
  // Each is a u64 within structs of its own.
  const sum = (name: string): bigint =>
    copies.reduce((total, copy) => total + kernel.memory.readU64(copy.get(name).address), 0n);
  return { runCount: sum('cnt'), runTimeNs: sum('nsecs'), misses: sum('misses') };
}
