import { HarnessError } from '../../../errors';
import { type PathStep, pathSteps } from './member-path';

/** What bytes say when they are read as a type. `type` is its name as C writes it. */
export type Value =
  | ScalarValue
  | StructValue
  | ArrayValue
  /** What cannot be read, or was not: `reason` says why. */
  | { kind: 'opaque'; type: string; reason: string };

export type ScalarValue =
  /** A bigint for types of more than 32 bits. */
  | { kind: 'int'; type: string; value: number | bigint }
  | { kind: 'bitfield'; type: string; value: number | bigint; bits: number }
  | { kind: 'bool'; type: string; value: boolean }
  /** The code of one character. */
  | { kind: 'char'; type: string; value: number }
  /** `name` is null for a value that the enum does not name, such as a sum of flags. */
  | { kind: 'enum'; type: string; value: bigint; name: string | null }
  | { kind: 'float'; type: string; value: number }
  /** An array of characters, up to its first zero byte. */
  | { kind: 'string'; type: string; value: string }
  /** An address; `target` is the id of the type there. */
  | { kind: 'ptr'; type: string; value: bigint; target: number };

export interface StructValue {
  kind: 'struct' | 'union';
  type: string;
  /** A name is empty for a struct without one, whose members C takes for those of the outer struct. */
  members: readonly { name: string; value: Value }[];
  /** Members that were left out, because the tree would have become too large. */
  omitted: number;
}

export interface ArrayValue {
  kind: 'array';
  type: string;
  elements: readonly Value[];
  /** Elements that were left out, because the tree would have become too large. */
  omitted: number;
}

/** The members of a struct, with those of the structs without a name in it. */
export function namedMembers(struct: StructValue): { name: string; value: Value }[] {
  return struct.members.flatMap((entry) => {
    if (entry.name !== '') return [entry];
    return entry.value.kind === 'struct' || entry.value.kind === 'union' ? namedMembers(entry.value) : [];
  });
}

/**
 * The value at a path like `a.b[2].c`.
 * @throws HarnessError `btf-unknown` with the names there are
 */
export function get(tree: Value, path: string): Value {
  return pathSteps(path).reduce(stepInto, tree);
}

function stepInto(value: Value, step: PathStep): Value {
  return typeof step === 'number' ? elementOf(value, step) : memberOf(value, step);
}

function memberOf(value: Value, name: string): Value {
  const members = value.kind === 'struct' || value.kind === 'union' ? namedMembers(value) : [];
  const found = members.find((entry) => entry.name === name);
  if (found) return found.value;
  const available = members.map((entry) => entry.name);
  throw new HarnessError('btf-unknown', { what: `member of ${value.type}`, wanted: name, available });
}

function elementOf(value: Value, index: number): Value {
  const elements = value.kind === 'array' ? value.elements : [];
  const found = elements[index];
  if (found) return found;
  const available = elements.length === 0 ? [] : [`0 to ${elements.length - 1}`];
  throw new HarnessError('btf-unknown', { what: `element of ${value.type}`, wanted: String(index), available });
}
