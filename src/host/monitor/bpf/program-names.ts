import type { KernelObject } from '../kernel/kernel-object';
import type { LoadedBtf } from './loaded-btf';

/** Characters of a name that the kernel keeps: BPF_OBJ_NAME_LEN of include/uapi/linux/bpf.h, less its zero byte. */
const KEPT = 15;

/** @param program a struct bpf_prog */
export function fullName(program: KernelObject, loaded: LoadedBtf): string {
  const kept = program.get('aux.name').text();
  const [btf, functions] = [program.get('aux.btf').big(), program.get('aux.func_info').big()];
  if (kept.length < KEPT || btf === 0n || functions === 0n) return kept;
  // The first of its functions is the program itself.
  const type = loaded.at(btf).type(program.get('aux.func_info.type_id').number());
  return type.kind === 'func' && type.name.startsWith(kept) ? type.name : kept;
}

/** Of a struct_ops program the member, of one for tracing the function. @param program a struct bpf_prog */
export function attachedTo(program: KernelObject, loaded: LoadedBtf): string | null {
  const [btf, id] = [program.get('aux.attach_btf').big(), program.get('aux.attach_btf_id').number()];
  const type = btf === 0n ? undefined : loaded.at(btf).type(id);
  if (type?.kind === 'struct') {
    // A program of a struct is told which member it is by its expected_attach_type: check_struct_ops_btf_id() of kernel/bpf/verifier.c.
    const member = type.members[program.get('expected_attach_type').number()];
    return member === undefined ? null : `${type.name}.${member.name}`;
  }
  const name = program.get('aux.attach_func_name');
  return name.big() === 0n ? null : name.text();
}
