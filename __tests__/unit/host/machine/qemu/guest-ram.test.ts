import { describe, expect, test } from '@jest/globals';
import { writeSync } from 'node:fs';
import { GuestRam } from '../../../../../src/host/machine/qemu/guest-ram';

const MIB = 1024 * 1024;
const FOUR_GIB = 2 ** 32;

/** Writes a text at an offset of one node's file, as QEMU would. */
function fill(ram: GuestRam, node: number, at: { offset: number; text: string }): void {
  writeSync(ram.nodes[node]?.file.fd ?? -1, at.text, at.offset);
}

/** Nodes of 2 and 1 MiB, of which 1 MiB fits below 4 GiB: the hole lies within node 0. */
function splitRam(): GuestRam {
  const ram = new GuestRam([2, 1], MIB);
  fill(ram, 0, { offset: MIB - 4, text: 'lastHIGH' });
  fill(ram, 0, { offset: 2 * MIB - 4, text: 'end0' });
  fill(ram, 1, { offset: 0, text: 'one!' });
  return ram;
}

describe('GuestRam.read()', () => {
  test.each([
    { name: 'the end of low RAM', gpa: MIB - 4, length: 4, text: 'last' },
    { name: 'the start of high RAM', gpa: FOUR_GIB, length: 4, text: 'HIGH' },
    { name: 'across two nodes', gpa: FOUR_GIB + MIB - 4, length: 8, text: 'end0one!' },
    { name: 'what was never written', gpa: 16, length: 2, text: '\0\0' },
    { name: 'nothing', gpa: 0, length: 0, text: '' },
  ])('gives $name', ({ gpa, length, text }) => {
    using ram = splitRam();
    expect(ram.read(gpa, length).toString('latin1')).toBe(text);
  });

  test('gives the last bytes there are', () => {
    using ram = splitRam();
    expect(ram.read(FOUR_GIB + 2 * MIB - 4, 4)).toEqual(Buffer.alloc(4));
    expect(ram.sizeBytes).toBe(3 * MIB);
  });

  test.each([
    { name: 'across the end of low RAM', gpa: MIB - 4, length: 5 },
    { name: 'in the hole', gpa: MIB, length: 1 },
    { name: 'right below high RAM', gpa: FOUR_GIB - 1, length: 2 },
    { name: 'across the end of high RAM', gpa: FOUR_GIB + 2 * MIB - 4, length: 5 },
    { name: 'of a negative address', gpa: -1, length: 1 },
    { name: 'of a negative length', gpa: 8, length: -1 },
    { name: 'of no number', gpa: Number.NaN, length: 1 },
    { name: 'of a number too large to be exact', gpa: 2 ** 60, length: 1 },
  ])('refuses a read $name', ({ gpa, length }) => {
    using ram = splitRam();
    expect(() => ram.read(gpa, length)).toThrow(RangeError);
  });

  test('tells what RAM there is, with and without a hole', () => {
    using split = splitRam();
    using whole = new GuestRam([1], FOUR_GIB);
    expect(() => split.read(MIB, 1)).toThrow('[0, 0x100000) and [0x100000000, 0x100200000)');
    expect(() => whole.read(MIB, 1)).toThrow(/outside RAM, which is \[0, 0x100000\)$/);
  });
});

describe('GuestRam.write()', () => {
  test('lands across two nodes where read() finds it', () => {
    using ram = splitRam();
    ram.write(FOUR_GIB + MIB - 2, Buffer.from('abcd'));
    expect(ram.read(FOUR_GIB + MIB - 4, 8).toString('latin1')).toBe('enabcde!');
  });

  test('refuses what crosses the end of low RAM, and writes nothing of it', () => {
    using ram = splitRam();
    expect(() => ram.write(MIB - 2, Buffer.from('abcd'))).toThrow(RangeError);
    expect(ram.read(MIB - 4, 4).toString('latin1')).toBe('last');
  });
});

test('GuestRam.fileRanges are the parts of files at their addresses', () => {
  using ram = splitRam();
  const [first, second] = ram.nodes.map(({ file }) => file.fd);
  expect(ram.fileRanges).toEqual([
    { gpa: 0, bytes: MIB, node: 0, fd: first, fileOffset: 0 },
    { gpa: FOUR_GIB, bytes: MIB, node: 0, fd: first, fileOffset: MIB },
    { gpa: FOUR_GIB + MIB, bytes: MIB, node: 1, fd: second, fileOffset: 0 },
  ]);
});
