import { HarnessError } from '../../../errors';
import { decodeType, kindAt } from './decode-type';
import type { BtfType, FuncProtoType, StructType, TypeOf } from './model';
import { NameIndex } from './name-index';
import { nearestNames } from './nearest-names';
import type { BtfStrings } from './strings';
import { type BtfKind, undecodable } from './wire';

export const POINTER_BYTES = 8;
/** MAX_RESOLVE_DEPTH of kernel/bpf/btf.c is 32: no chain of the kernel's own is as long. */
export const MAX_CHAIN = 64;

/** A variable of a section: a per-CPU one of a kernel or a module, or a global one of a BPF program. */
export interface BtfVariable {
  name: string;
  section: string;
  /** From the start of the section. */
  offset: number;
  sizeBytes: number;
  type: number;
}

interface BtfParts {
  words: Uint32Array;
  /** First word of each record. */
  starts: Uint32Array;
  strings: BtfStrings;
  base: Btf | undefined;
}

/**
 * Types of a kernel, a module or a BPF program. Decoded when they are asked for: a kernel has more than 100,000. What a wrong blob says is
 * checked on the way, so every method may throw HarnessError `decode`.
 */
export class Btf {
  readonly base: Btf | undefined;
  /** The strings of the base and its own. */
  readonly strings: BtfStrings;
  /** The first id of its own; those before it are of the base. */
  readonly firstId: number;
  /** The first id behind the last type. */
  readonly endId: number;
  readonly #words: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #decoded = new Map<number, BtfType>();
  #names: NameIndex | undefined;

  constructor({ words, starts, strings, base }: BtfParts) {
    this.#words = words;
    this.#starts = starts;
    this.strings = strings;
    this.base = base;
    this.firstId = base?.endId ?? 1;
    this.endId = this.firstId + starts.length;
  }

  type(id: number): BtfType {
    if (id === 0) return { kind: 'void', id };
    if (id < this.firstId && this.base) return this.base.type(id);
    const known = this.#decoded.get(id);
    if (known) return known;
    const type = decodeType({ id, words: this.#words, at: this.#startOf(id), strings: this.strings });
    this.#decoded.set(id, type);
    return type;
  }

  /** The first type of this kind and name, its own before one of the base. */
  find<K extends BtfKind>(kind: K, name: string): TypeOf<K> | undefined {
    for (const type of this.findAll(kind, name)) return type;
    return undefined;
  }

  /** Sources that differ in what they define under one name leave several types with it. */
  *findAll<K extends BtfKind>(kind: K, name: string): Generator<TypeOf<K>> {
    for (const index of this.#nameIndex().find(name)) {
      if (kindAt(this.#words, this.#starts[index] ?? 0) !== kind) continue;
      // The record's kind is the one asked for.
      yield this.type(this.firstId + index) as TypeOf<K>;
    }
    if (this.base) yield* this.base.findAll(kind, name);
  }

  /**
   * The struct or union of this name, or the one that a typedef of this name stands for.
   * @throws HarnessError `btf-unknown`
   */
  struct(name: string): StructType {
    const type = this.findStruct(name);
    if (type !== undefined) return type;
    throw this.#unknown('struct', name, ['struct', 'union', 'typedef']);
  }

  /** The same, for asking whether there is one: an error with the names that there are reads all types. */
  findStruct(name: string): StructType | undefined {
    const type = this.find('struct', name) ?? this.find('union', name) ?? this.#typedefTarget(name);
    return type?.kind === 'struct' || type?.kind === 'union' ? type : undefined;
  }

  /**
   * Values of an enum by name.
   * @throws HarnessError `btf-unknown`
   */
  enumValues(name: string): ReadonlyMap<string, bigint> {
    const type = this.find('enum', name) ?? this.find('enum64', name) ?? this.#typedefTarget(name);
    if (type?.kind !== 'enum' && type?.kind !== 'enum64') {
      throw this.#unknown('enum', name, ['enum', 'enum64', 'typedef']);
    }
    return new Map(type.values.map((entry) => [entry.name, entry.value]));
  }

  /**
   * Variables of a section, e.g. `.data..percpu` of a kernel or `.bss` of a BPF program.
   * @throws HarnessError `btf-unknown`
   */
  variables(section: string): BtfVariable[] {
    const found = this.find('datasec', section);
    if (found) return this.variablesOf(found);
    throw this.#unknown('section', section, ['datasec']);
  }

  variablesOf(section: TypeOf<'datasec'>): BtfVariable[] {
    return section.variables.flatMap(({ type: id, offset, sizeBytes }) => {
      const type = this.type(id);
      // The section of a BPF program may hold its functions as well.
      if (type.kind !== 'var') return [];
      return [{ name: type.name, section: section.name, offset, sizeBytes, type: type.type }];
    });
  }

  /**
   * A variable of any section.
   * @throws HarnessError `btf-unknown`
   */
  variable(name: string): BtfVariable {
    for (const { id } of this.findAll('var', name)) {
      for (const section of this.all('datasec')) {
        if (!section.variables.some(({ type }) => type === id)) continue;
        const found = this.variablesOf(section).find((variable) => variable.name === name);
        if (found) return found;
      }
    }
    throw this.#unknown('variable', name, ['var']);
  }

  /**
   * What a function takes and returns.
   * @throws HarnessError `btf-unknown`
   */
  prototype(name: string): FuncProtoType {
    const found = this.find('func', name);
    if (!found) throw this.#unknown('function', name, ['func']);
    const prototype = this.type(found.type);
    if (prototype.kind === 'func_proto') return prototype;
    throw undecodable(`type ${found.id}`, `it is a function whose prototype is of kind ${prototype.kind}`);
  }

  /** All types of a kind, its own before those of the base. */
  *all<K extends BtfKind>(kind: K): Generator<TypeOf<K>> {
    for (let index = 0; index < this.#starts.length; index++) {
      if (kindAt(this.#words, this.#starts[index] ?? 0) !== kind) continue;
      // The record's kind is the one asked for.
      yield this.type(this.firstId + index) as TypeOf<K>;
    }
    if (this.base) yield* this.base.all(kind);
  }

  /** The type itself, without the typedefs, qualifiers and tags around it. */
  resolve(id: number): BtfType {
    let type = this.type(id);
    for (let step = 0; step < MAX_CHAIN; step++) {
      switch (type.kind) {
        case 'typedef':
        case 'volatile':
        case 'const':
        case 'restrict':
        case 'type_tag':
          type = this.type(type.type);
          break;
        default:
          return type;
      }
    }
    throw undecodable(`type ${id}`, `it is behind more than ${MAX_CHAIN} typedefs and qualifiers, or behind itself`);
  }

  sizeOf(id: number): number {
    let count = 1;
    let next = id;
    for (let step = 0; step < MAX_CHAIN; step++) {
      const type = this.resolve(next);
      if (type.kind !== 'array' && type.kind !== 'var') return checkedSize(id, count * ownSize(type));
      if (type.kind === 'array') count = checkedSize(id, count * type.length);
      next = type.type;
    }
    throw undecodable(`type ${id}`, `it is an array of more than ${MAX_CHAIN} dimensions, or of itself`);
  }

  #startOf(id: number): number {
    const start = this.#starts[id - this.firstId];
    if (start === undefined) throw undecodable(`type ${id}`, `the last type is ${this.endId - 1}`);
    return start;
  }

  #nameIndex(): NameIndex {
    this.#names ??= new NameIndex(
      this.#starts.map((start) => this.#words[start] ?? 0),
      this.strings,
    );
    return this.#names;
  }

  #typedefTarget(name: string): BtfType | undefined {
    const found = this.find('typedef', name);
    return found && this.resolve(found.id);
  }

  #unknown(what: string, wanted: string, kinds: readonly ('struct' | 'union' | NamedKind)[]): HarnessError {
    const names = kinds.flatMap((kind) => [...this.all(kind)].map(({ name }) => name));
    return new HarnessError('btf-unknown', { what, wanted, available: nearestNames(wanted, names) });
  }
}

type NamedKind = 'enum' | 'enum64' | 'typedef' | 'datasec' | 'var' | 'func';

function ownSize(type: BtfType): number {
  if (type.kind === 'ptr') return POINTER_BYTES;
  if ('sizeBytes' in type) return type.sizeBytes;
  throw undecodable(`type ${type.id}`, `its size is asked for, and one of kind ${type.kind} has none`);
}

function checkedSize(id: number, bytes: number): number {
  if (Number.isSafeInteger(bytes)) return bytes;
  throw undecodable(`type ${id}`, 'it is larger than any memory');
}
