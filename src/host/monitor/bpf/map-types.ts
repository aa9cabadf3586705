import type { Btf } from '../btf/btf';
import { hasMember } from '../btf/layout';
import type { Kernel } from '../kernel/kernel';
import type { KernelObject, TypedMemory } from '../kernel/kernel-object';
import type { LoadedBtf } from './loaded-btf';
import { MAP_CONTENTS } from './map-contents';
import type { GuestMapFacts } from '../../../verdict/monitor/guest-view';
import { plainType } from './plain-type';

/** BPF_F_RDONLY_PROG of include/uapi/linux/bpf.h. */
const READ_ONLY_FOR_PROGRAMS = 1 << 7;

/** How the keys and the values of a map are read. */
export interface MapTypes {
  key: { btf: Btf; type: number };
  value: { from: TypedMemory; type: number };
}

export interface MapParts {
  /** Its struct bpf_map. */
  object: KernelObject;
  facts: GuestMapFacts;
  loaded: LoadedBtf;
}

/** As the program says that made the map. */
export function mapTypes(kernel: Kernel, { object, facts, loaded }: MapParts): MapTypes {
  const key = typed({ object, loaded }, 'btf_key_type_id') ?? plainType(facts.keySize);
  if (facts.type === 'struct_ops') return { key, value: structOpsType(kernel, { object, facts, loaded }) };
  const value = typed({ object, loaded }, 'btf_value_type_id') ?? plainType(facts.valueSize);
  const from = { memory: kernel.memory, btf: value.btf, readOnly: whyReadOnly(object, facts), kernel };
  return { key, value: { from, type: value.type } };
}

function typed(
  { object, loaded }: Omit<MapParts, 'facts'>,
  member: 'btf_key_type_id' | 'btf_value_type_id',
): { btf: Btf; type: number } | null {
  const btf = object.get('btf').big();
  const type = object.get(member).number();
  return btf === 0n || type === 0 ? null : { btf: loaded.at(btf), type };
}

function whyReadOnly(object: KernelObject, { type, flags }: GuestMapFacts): string | null {
  if (MAP_CONTENTS[type]?.at === undefined) return `a map of type ${type} is not written from outside`;
  // The verifier has taken its content for constants: bpf_map_is_rdonly() of kernel/bpf/verifier.c.
  const isConstant = (flags & READ_ONLY_FOR_PROGRAMS) !== 0 && object.get('frozen').number() !== 0;
  return isConstant ? 'the map is frozen, and its programs were compiled with what is in it' : null;
}

/** The struct is one of the kernel's, or of a module of it. */
function structOpsType(kernel: Kernel, { object, loaded }: MapParts): MapTypes['value'] {
  const type = object.get('btf_vmlinux_value_type_id').number();
  const hasOwn = hasMember(kernel.btf, 'bpf_struct_ops_map', 'btf');
  const own = hasOwn ? kernel.object('bpf_struct_ops_map', object.address).get('btf').big() : 0n;
  const btf = own === 0n ? kernel.btf : loaded.at(own);
  return { from: { memory: kernel.memory, btf, readOnly: kernel.readOnly }, type };
}
