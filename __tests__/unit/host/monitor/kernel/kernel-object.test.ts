import { describe, expect, test } from '@jest/globals';

import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { KernelObject } from '../../../../../src/host/monitor/kernel/kernel-object';
import { BtfBuilder } from '../btf/build-btf';
import { BASE, mappedMemory } from '../mapped-memory';

/** `struct task { pid }` as the kernel has it, or as a program that was compiled elsewhere believes. */
function taskBtf(pidAt: number): { builder: BtfBuilder; task: number; u32: number } {
  const builder = new BtfBuilder();
  const u32 = builder.int('unsigned int', 4);
  return { builder, u32, task: builder.struct('task', 16, [{ name: 'pid', type: u32, at: pidAt * 8 }]) };
}

const { builder, task, u32 } = taskBtf(0);
const own = builder.struct('own', 4, [{ name: 'count', type: u32, at: 0 }]);
const value = builder.struct('value', 24, [
  { name: 'task', type: builder.ptr(builder.typeTag('kptr', task)), at: 0 },
  { name: 'own', type: builder.ptr(own), at: 64 },
  { name: 'level', type: u32, at: 128 },
  { name: 'bits', type: u32, at: 160, width: 3 },
]);
const btf = parseBtf(builder.build());

function valueAt(readOnly: string | null = null): { object: KernelObject; bytes: Buffer } {
  const { bytes, memory } = mappedMemory(1);
  const kernel = { memory, btf: parseBtf(taskBtf(8).builder.build()), readOnly: 'it belongs to the kernel' };
  bytes.writeBigUInt64LE(BASE + 0x100n, 0);
  bytes.writeBigUInt64LE(BASE + 0x200n, 8);
  bytes.writeUInt32LE(11, 0x100);
  bytes.writeUInt32LE(22, 0x108);
  bytes.writeUInt32LE(33, 0x200);
  return { bytes, object: new KernelObject({ memory, btf, readOnly, kernel }, { address: BASE, type: value }) };
}

describe('KernelObject of a BPF program', () => {
  test('reads a struct of the kernel as the kernel lays it out, and its own as it lays it out itself', () => {
    const { object } = valueAt();
    expect(object.get('task.pid').number()).toBe(22);
    expect(object.get('own.count').number()).toBe(33);
  });

  test('writes a value where it lies', () => {
    const { object, bytes } = valueAt();
    object.get('level').set(0x0102_0304);
    expect([...bytes.subarray(16, 20)]).toEqual([4, 3, 2, 1]);
    expect(object.get('level').bytes()).toEqual(bytes.subarray(16, 20));
  });

  test('writes nothing that its type does not hold, nor a bitfield, nor what belongs to the kernel', () => {
    const { object, bytes } = valueAt();
    const before = Buffer.from(bytes);
    expect(() => object.get('level').set(-1)).toThrow('write -1 as unsigned int');
    expect(() => object.get('bits').set(1)).toThrow('a bitfield shares its bytes');
    expect(() => object.get('task.pid').set(1)).toThrow('it belongs to the kernel');
    expect(bytes).toEqual(before);
  });

  test('writes nothing that is read-only, and says why', () => {
    const { object } = valueAt('the map is frozen');
    expect(() => object.get('level').set(1)).toThrow('write 1 as unsigned int: the map is frozen');
  });
});
