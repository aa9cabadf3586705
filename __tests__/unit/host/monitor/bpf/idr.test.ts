import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { idrEntries } from '../../../../../src/host/monitor/bpf/idr';
import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { KernelObject } from '../../../../../src/host/monitor/kernel/kernel-object';
import { BtfBuilder } from '../btf/build-btf';
import { BASE, mappedMemory } from '../mapped-memory';

const PAGES = 8;
const NODE_BYTES = 576;
const SLOTS_AT = 40;
const SLOTS = 64;

const builder = new BtfBuilder();
const u8 = builder.int('unsigned char', 1);
const u32 = builder.int('unsigned int', 4);
const pointer = builder.ptr(0);
builder.struct('xa_node', NODE_BYTES, [
  { name: 'shift', type: u8, at: 0 },
  { name: 'slots', type: builder.array(pointer, SLOTS), at: SLOTS_AT * 8 },
]);
const xarray = builder.struct('xarray', 16, [{ name: 'xa_head', type: pointer, at: 64 }]);
const idr = builder.struct('idr', 24, [
  { name: 'idr_rt', type: xarray, at: 0 },
  { name: 'idr_base', type: u32, at: 128 },
]);
const btf = parseBtf(builder.build());

/** An IDR at BASE; node number n is at the n-th multiple of 1024 behind it. */
class IdrImage {
  readonly mapped = mappedMemory(PAGES);

  head(entry: bigint, base = 0): this {
    this.mapped.bytes.writeBigUInt64LE(entry, 8);
    this.mapped.bytes.writeUInt32LE(base, 16);
    return this;
  }

  node(index: number, shift: number, slots: Record<number, bigint>): this {
    this.mapped.bytes.writeUInt8(shift, index * 1024);
    for (const [slot, entry] of Object.entries(slots))
      this.mapped.bytes.writeBigUInt64LE(entry, index * 1024 + SLOTS_AT + Number(slot) * 8);
    return this;
  }

  entries(): { id: number; address: bigint }[] {
    const from = { memory: this.mapped.memory, btf, readOnly: null };
    return [...idrEntries(from, new KernelObject(from, { address: BASE, type: idr }))];
  }
}

/** The entry that points to a node. */
const node = (index: number): bigint => BASE + BigInt(index * 1024) + 2n;
const object = (index: number): bigint => 0xffff_8880_0000_1000n + BigInt(index * 0x1000);

describe('idrEntries()', () => {
  test('finds nothing in an empty one', () => {
    expect(new IdrImage().head(0n).entries()).toEqual([]);
  });

  test('finds the object of one without a node', () => {
    expect(new IdrImage().head(object(1), 7).entries()).toEqual([{ id: 7, address: object(1) }]);
  });

  test('finds the objects of several levels by rising id, and passes over marks of the kernel and plain values', () => {
    const image = new IdrImage().head(node(1));
    image.node(1, 6, { 0: node(2), 2: node(3), 5: 257n * 4n + 2n });
    image.node(2, 0, { 1: object(1), 2: (256n << 2n) | 2n, 3: 15n, 63: object(2) });
    image.node(3, 0, { 1: object(3) });
    expect(image.entries()).toEqual([
      { id: 1, address: object(1) },
      { id: 63, address: object(2) },
      { id: 129, address: object(3) },
    ]);
  });

  test('enters no node twice, none that is not below its own, and none that lies nowhere', () => {
    const image = new IdrImage().head(node(1));
    image.node(1, 6, { 0: node(1), 1: node(2), 2: node(2), 3: node(3), 4: node(1000) });
    image.node(2, 0, { 0: object(1), 1: node(1), 2: node(2) });
    image.node(3, 12, { 0: object(2) });
    expect(image.entries()).toEqual([{ id: 64, address: object(1) }]);
  });

  test('ends in any memory', () => {
    const low = fc.array(fc.tuple(fc.nat(PAGES * 512 - 1), fc.nat(31), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(low, fc.uint8Array({ minLength: 64, maxLength: 64 }), (pointers, noise) => {
        const image = new IdrImage();
        for (let at = 0; at < PAGES * 4096; at += noise.length) image.mapped.bytes.set(noise, at);
        // Nodes that point to one another, at any place.
        for (const [word, target, isNode] of pointers)
          image.mapped.bytes.writeBigUInt64LE(isNode ? node(target) : object(target), word * 8);
        image.head(node(1));
        expect(image.entries().length).toBeLessThan(2 ** 22);
      }),
    );
  });
});
