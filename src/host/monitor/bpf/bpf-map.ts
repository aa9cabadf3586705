import { HarnessError } from '../../../errors';
import { encodeValue, type Writable } from '../btf/encode-value';
import { type PathStep, pathSteps } from '../btf/member-path';
import { readValue } from '../btf/read-value';
import { renderCompact } from '../btf/render-value';
import type { Value } from '../btf/value';
import type { Kernel } from '../kernel/kernel';
import { KernelObject } from '../kernel/kernel-object';
import { BpfArena } from './arena';
import { MAP_CONTENTS, type MapContents } from './map-contents';
import { type MapAt, type MapElement, roundedUp } from './map-element';
import type { GuestMapFacts } from '../../../verdict/monitor/guest-view';
import { type MapParts, type MapTypes, mapTypes } from './map-types';
import { plainType } from './plain-type';
import { type BpfRingbuf, readRingbuf } from './ringbuf';

/** Elements of one map that are read one after the other. */
const MAX_ELEMENTS = 1_000_000;
/** In the message about one that is not there. */
const NAMED_KEYS = 12;
const RING_TYPES: readonly string[] = ['ringbuf', 'user_ringbuf'];

/** What a map holds under one key. */
export interface BpfEntry {
  key: Value;
  keyBytes: Buffer;
  /** One, or in a per-CPU map one for each CPU. */
  values: readonly KernelObject[];
}

/** A variable of a BPF program. */
export interface BpfVariable {
  /** Of a static one in a function the name of the function is in front, with a dot. */
  name: string;
  object: KernelObject;
}

/** A BPF map of a guest; its contents are read when they are asked for. */
export class BpfMap {
  readonly facts: GuestMapFacts;
  /** Its struct bpf_map. */
  readonly object: KernelObject;
  readonly #kernel: Kernel;
  readonly #parts: MapParts;
  #types: MapTypes | undefined;

  constructor(kernel: Kernel, parts: MapParts) {
    this.facts = parts.facts;
    this.object = parts.object;
    this.#kernel = kernel;
    this.#parts = parts;
  }

  get name(): string {
    return this.facts.name;
  }

  /**
   * A value, or a part of one, by its path. It begins with the key; in a per-CPU map the CPU follows: `[2].count`, `[0][3].count`. A map with
   * one value, as the variables of a scheduler are, is asked without a key: `stall`.
   * @throws HarnessError `bpf-unknown` when there is nothing under the key, `btf-unknown` with the names there are
   */
  get(path: string): KernelObject {
    const { values, steps } = this.#valuesAt(path);
    const cpu = this.#contents('look into').isPerCpu ? steps.shift() : 0;
    const value = typeof cpu === 'number' ? values[cpu] : undefined;
    if (value === undefined) throw this.#unknown(path, `behind the key is a CPU from 0 to ${values.length - 1}`);
    return partOf(value, steps);
  }

  /** As `get`; in a per-CPU map a path that names no CPU stands for the values of all CPUs, in their order. */
  all(path: string): KernelObject[] {
    const { values, steps } = this.#valuesAt(path);
    const namesCpu = this.#contents('look into').isPerCpu && typeof steps[0] === 'number';
    return namesCpu ? [this.get(path)] : values.map((value) => partOf(value, steps));
  }

  /** Where the values of an array are, one behind the other, and why they may not be written. @throws HarnessError `bpf-map-type` */
  area(): { address: bigint; bytes: number; readOnly: string | null } {
    const { type, maxEntries, valueSize } = this.facts;
    if (type !== 'array') throw this.#wrongType('write bytes', ['array']);
    const { address } = this.#kernel.object('bpf_array', this.object.address).get('value');
    return { address, bytes: maxEntries * roundedUp(valueSize), readOnly: this.#typesOnce().value.from.readOnly };
  }

  /** The variables of a program that it holds; none for a map that was made for something else. */
  variables(): BpfVariable[] {
    // No other map has a section for its value.
    if (this.facts.type !== 'array' || this.facts.maxEntries !== 1) return [];
    const { from, type } = this.#typesOnce().value;
    const section = from.btf.resolve(type);
    const start = this.lookup(0)?.values[0]?.address;
    if (section.kind !== 'datasec' || start === undefined) return [];
    return from.btf.variablesOf(section).map(({ name, offset, type: id }) => {
      return { name, object: new KernelObject(from, { address: start + BigInt(offset), type: id }) };
    });
  }

  /** @throws HarnessError `bpf-map-type` for a type whose contents are not read, `decode` for a map of more than a million elements */
  *entries(): Generator<BpfEntry> {
    let count = 0;
    for (const element of this.#contents('read the elements').elements(this.#at)) {
      if (++count > MAX_ELEMENTS) {
        const problem = `there are more than ${MAX_ELEMENTS}`;
        throw new HarnessError('decode', { what: `BPF map "${this.name}"`, at: 'its elements', problem });
      }
      yield this.#entry(element);
    }
  }

  /**
   * @param key as its type is written, or its bytes; of a task storage the pid
   * @throws HarnessError `value-refused` for what cannot be a key of this map, `bpf-map-type`
   */
  lookup(key: Writable): BpfEntry | undefined {
    const contents = this.#contents('look into');
    if (contents.at !== undefined) {
      const index = encodeValue(key, plainType(4)).readUInt32LE();
      return index < this.facts.maxEntries ? this.#entry(contents.at(this.#at, index)) : undefined;
    }
    const bytes = encodeValue(key, this.#typesOnce().key);
    for (const element of contents.elements(this.#at)) if (element.key.equals(bytes)) return this.#entry(element);
    return undefined;
  }

  /** @throws HarnessError `bpf-map-type` */
  ringbuf(): BpfRingbuf {
    if (!RING_TYPES.includes(this.facts.type)) throw this.#wrongType('read the positions', RING_TYPES);
    return readRingbuf(this.#kernel, this.object.address);
  }

  /** @throws HarnessError `bpf-map-type` */
  arena(): BpfArena {
    if (this.facts.type !== 'arena') throw this.#wrongType('read the pages', ['arena']);
    return new BpfArena(this.#kernel, this.object.address);
  }

  #valuesAt(path: string): { values: readonly KernelObject[]; steps: PathStep[] } {
    const steps = pathSteps(path);
    const key = typeof steps[0] === 'number' ? Number(steps.shift()) : this.#onlyKey(path);
    const values = this.lookup(key)?.values;
    if (values === undefined) throw this.#unknown(path, `there is nothing under the key ${key}`);
    return { values, steps };
  }

  get #at(): MapAt {
    return { kernel: this.#kernel, address: this.object.address, ...this.facts };
  }

  #typesOnce(): MapTypes {
    this.#types ??= mapTypes(this.#kernel, this.#parts);
    return this.#types;
  }

  #entry({ key, addresses }: MapElement): BpfEntry {
    const types = this.#typesOnce();
    const { from, type } = types.value;
    const values = addresses.map((address) => new KernelObject(from, { address, type }));
    return { key: readValue(key, types.key), keyBytes: key, values };
  }

  #onlyKey(path: string): number {
    const { type, maxEntries } = this.facts;
    if (type === 'struct_ops' || (type === 'array' && maxEntries === 1)) return 0;
    throw this.#unknown(path, 'the path has to begin with a key, such as [0]');
  }

  #contents(action: string): MapContents {
    const contents = MAP_CONTENTS[this.facts.type];
    if (contents !== undefined) return contents;
    throw this.#wrongType(action, Object.keys(MAP_CONTENTS));
  }

  #unknown(path: string, problem: string): HarnessError {
    const { maxEntries } = this.facts;
    const isArray = this.#contents('look into').at !== undefined;
    const available = isArray ? [`[0] to [${maxEntries - 1}]`] : this.#firstKeys();
    return new HarnessError('bpf-unknown', { what: `value in map "${this.name}"`, wanted: path, problem, available });
  }

  #firstKeys(): string[] {
    const keys: string[] = [];
    for (const { key } of this.entries()) if (keys.push(renderCompact(key)) === NAMED_KEYS) break;
    return keys;
  }

  #wrongType(action: string, types: readonly string[]): HarnessError {
    return new HarnessError('bpf-map-type', { map: this.name, type: this.facts.type, action, types });
  }
}

function partOf(value: KernelObject, steps: readonly PathStep[]): KernelObject {
  return steps.reduce<KernelObject>((at, step) => at.get(typeof step === 'number' ? `[${step}]` : step), value);
}
