import type { Btf } from '../btf/btf';

/** A value of an enum in the words of bpftool, e.g. `percpu_hash` for BPF_MAP_TYPE_PERCPU_HASH; the number where the enum has none. */
export function enumName(btf: Btf, { type, prefix, value }: { type: string; prefix: string; value: bigint }): string {
  // A name that was given up stands beside the one that took its place.
  const names = [...btf.enumValues(type)].filter(([, own]) => own === value).map(([name]) => name);
  const name = names.find((candidate) => !candidate.endsWith('_DEPRECATED')) ?? names[0];
  return name === undefined ? String(value) : name.replace(prefix, '').toLowerCase();
}
