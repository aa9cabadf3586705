import type { Btf } from './btf';
import type { BtfType, TypeOf } from './model';
import type { BtfKind } from './wire';

/** A longer chain of pointers and arrays is cut: no reader needs it, and a wrong blob could have one without end. */
const MAX_DEPTH = 16;

/** A type as C writes it, e.g. `struct task_struct *` or `char[16]`; `struct {...}` when it has no name. */
export function typeName(btf: Btf, id: number, depth = 0): string {
  if (depth > MAX_DEPTH) return '...';
  const type = btf.type(id);
  // The writer at a kind takes types of that kind.
  const write = WRITERS[type.kind] as (type: BtfType, inner: Inner) => string;
  return write(type, { btf, name: (target) => typeName(btf, target, depth + 1) });
}

interface Inner {
  btf: Btf;
  /** The name of another type within this one's. */
  name(id: number): string;
}

const WRITERS: { [K in BtfKind]: (type: TypeOf<K>, inner: Inner) => string } = {
  void: () => 'void',
  int: ({ name }) => name,
  float: ({ name }) => name,
  typedef: ({ name }) => name,
  func: ({ name }) => name,
  var: ({ name }) => name,
  datasec: ({ name }) => name,
  struct: ({ name }) => `struct ${name || '{...}'}`,
  union: ({ name }) => `union ${name || '{...}'}`,
  enum: ({ name }) => `enum ${name || '{...}'}`,
  enum64: ({ name }) => `enum ${name || '{...}'}`,
  fwd: ({ of, name }) => `${of} ${name}`,
  type_tag: ({ type }, inner) => inner.name(type),
  decl_tag: ({ type }, inner) => inner.name(type),
  const: qualified,
  volatile: qualified,
  restrict: qualified,
  array: arrayName,
  // Parameters are left out, as C allows: they may be pointers to functions themselves.
  func_proto: ({ returnType }, inner) => `${inner.name(returnType)} ()`,
  ptr: pointerName,
};

function qualified({ kind, type }: TypeOf<'const' | 'volatile' | 'restrict'>, inner: Inner): string {
  // A pointer's own qualifiers stand behind its star.
  return inner.btf.type(type).kind === 'ptr' ? `${inner.name(type)} ${kind}` : `${kind} ${inner.name(type)}`;
}

function pointerName({ type }: TypeOf<'ptr'>, inner: Inner): string {
  const target = inner.btf.type(type);
  if (target.kind === 'func_proto') return `${inner.name(target.returnType)} (*)()`;
  const name = inner.name(type);
  return name.endsWith('*') ? `${name}*` : `${name} *`;
}

function arrayName({ type, length }: TypeOf<'array'>, inner: Inner): string {
  const name = inner.name(type);
  const dimension = length === 0 ? '[]' : `[${length}]`;
  // The outer dimension comes first.
  const at = inner.btf.type(type).kind === 'array' ? name.indexOf('[') : name.length;
  return `${name.slice(0, at)}${dimension}${name.slice(at)}`;
}
