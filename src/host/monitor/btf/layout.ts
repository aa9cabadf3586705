import { HarnessError, isHarnessError } from '../../../errors';
import { bitRange } from './bit-range';
import type { Btf } from './btf';
import { type PathStep, pathSteps } from './member-path';
import type { BtfMember, DatasecType, StructType } from './model';
import { typeName } from './type-name';

/** Where a member lies in its struct. */
export interface MemberLayout {
  offsetBytes: number;
  /** Of a bitfield its first bit in the byte at `offsetBytes`, counted from the lowest; else 0. */
  bitOffset: number;
  /** Null for a member that is no bitfield. */
  bitSize: number | null;
  /** As declared: the typedef, where there is one. */
  type: number;
  /** Of a bitfield the bytes that it touches. 0 for an array without a declared length. */
  sizeBytes: number;
}

interface Place {
  bitOffset: number;
  bitSize: number | null;
  type: number;
}

/**
 * Finds a member by its path, e.g. `scx.local_dsq.nr` or `tag[3].count`, also through structs without a name. The struct is given by name
 * or by id. A path does not go through pointers: what they point to lies elsewhere.
 * @throws HarnessError `btf-unknown` with the names there are
 */
export function member(btf: Btf, struct: string | number, path: string): MemberLayout {
  const start = typeof struct === 'number' ? struct : btf.struct(struct).id;
  let place: Place = { bitOffset: 0, bitSize: null, type: start };
  for (const step of pathSteps(path)) {
    const found = typeof step === 'number' ? element(btf, place.type, step) : named(btf, place.type, step);
    place = { ...found, bitOffset: place.bitOffset + found.bitOffset };
  }
  const { bitSize, type } = place;
  const offsetBytes = Math.floor(place.bitOffset / 8);
  const bitOffset = place.bitOffset % 8;
  const sizeBytes = bitSize === null ? btf.sizeOf(type) : Math.ceil((bitOffset + bitSize) / 8);
  return { offsetBytes, bitOffset, bitSize, type, sizeBytes };
}

/** Whether a struct of this name has such a member: how features of a kernel are told. */
export function hasMember(btf: Btf, struct: string | number, path: string): boolean {
  const id = typeof struct === 'number' ? struct : btf.findStruct(struct)?.id;
  if (id === undefined) return false;
  try {
    member(btf, id, path);
    return true;
  } catch (error) {
    if (isHarnessError(error, 'btf-unknown')) return false;
    throw error;
  }
}

function element(btf: Btf, id: number, index: number): Place {
  const type = btf.resolve(id);
  const what = `element of ${typeName(btf, id)}`;
  if (type.kind !== 'array') throw unknown(what, index, []);
  // An array without a declared length is as long as the memory behind its struct.
  if (type.length > 0 && index >= type.length) throw unknown(what, index, [`0 to ${type.length - 1}`]);
  const bitOffset = index * btf.sizeOf(type.type) * 8;
  if (!Number.isSafeInteger(bitOffset)) throw unknown(what, index, []);
  return { bitOffset, bitSize: null, type: type.type };
}

function named(btf: Btf, id: number, name: string): Place {
  const type = btf.resolve(id);
  const what = `member of ${typeName(btf, id)}`;
  if (type.kind === 'datasec') return variable(btf, type, name);
  if (type.kind !== 'struct' && type.kind !== 'union') throw unknown(what, name, []);
  const names: string[] = [];
  for (const { member: candidate, outerBits } of flatMembers(btf, type)) {
    if (candidate.name === name) {
      const range = bitRange(btf, candidate);
      return { ...range, bitOffset: outerBits + range.bitOffset, type: candidate.type };
    }
    names.push(candidate.name);
  }
  throw unknown(what, name, names);
}

/** Variables are to the section of a BPF program what members are to a struct. */
function variable(btf: Btf, section: DatasecType, name: string): Place {
  const variables = btf.variablesOf(section);
  const found = variables.find((candidate) => candidate.name === name);
  if (found) return { bitOffset: found.offset * 8, bitSize: null, type: found.type };
  const available = variables.map((candidate) => candidate.name);
  throw new HarnessError('btf-unknown', { what: `variable of ${section.name}`, wanted: name, available });
}

/** The named members of a struct, those of the structs without a name in it as well. `outerBits` is where the latter start. */
function* flatMembers(btf: Btf, struct: StructType): Generator<{ member: BtfMember; outerBits: number }> {
  const pending = [{ struct, outerBits: 0 }];
  // No struct holds itself, but a wrong blob can say so; a second visit would find no other name.
  const seen = new Set<number>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next.struct.id)) continue;
    seen.add(next.struct.id);
    const inner: typeof pending = [];
    for (const candidate of next.struct.members) {
      if (candidate.name !== '') {
        yield { member: candidate, outerBits: next.outerBits };
        continue;
      }
      const type = btf.resolve(candidate.type);
      if (type.kind !== 'struct' && type.kind !== 'union') continue;
      inner.push({ struct: type, outerBits: next.outerBits + candidate.bitOffset });
    }
    pending.push(...inner.toReversed());
  }
}

function unknown(what: string, wanted: PathStep, available: readonly string[]): HarnessError {
  return new HarnessError('btf-unknown', { what, wanted: String(wanted), available });
}
