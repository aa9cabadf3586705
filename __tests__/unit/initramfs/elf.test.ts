import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { isHarnessError } from '../../../src/errors';
import { isElf, readElf } from '../../../initramfs/elf';
import { makeElf } from './make-elf';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();

const full = {
  interpreter: '/lib64/ld.so',
  needed: ['liba.so.1', 'libb.so'],
  soname: 'libme.so.3',
  rpath: '/r',
  runpath: '$ORIGIN/../lib',
};

function read(bytes: Buffer): ReturnType<typeof readElf> {
  writeFileSync(temp.path('file'), bytes);
  return readElf(temp.path('file'));
}

describe('readElf()', () => {
  test('reads what the dynamic loader reads', () => {
    const bytes = makeElf({ ...full, trailing: 999 });
    expect(read(bytes)).toEqual({ machine: 62, ...full, segmentsEnd: bytes.length - 999 });
  });

  test('takes a file without dynamic section as one that needs nothing', () => {
    const bytes = makeElf({});
    bytes.writeUInt16LE(0, 56);
    expect(read(bytes)).toMatchObject({ interpreter: null, needed: [], soname: null, rpath: null, runpath: null });
  });

  test('reads a name that is longer than one step of reading', () => {
    const runpath = `/${'long/'.repeat(3000)}`;
    expect(read(makeElf({ runpath })).runpath).toBe(runpath);
  });

  test('reads the Node that runs this test', () => {
    const elf = readElf(process.execPath);
    expect(elf.interpreter).toMatch(/^\/.*\bld-/);
    expect(elf.needed).toContainEqual(expect.stringMatching(/^libc\./));
    expect(elf.segmentsEnd).toBeLessThanOrEqual(statSync(process.execPath).size);
  });

  const faulty: { name: string; change: (elf: Buffer) => Buffer; problem: string }[] = [
    { name: 'an empty file', change: () => Buffer.alloc(0), problem: 'its header lies outside' },
    { name: 'a script', change: () => Buffer.alloc(100, '#!/bin/sh '), problem: 'ELF magic number' },
    { name: 'a 32-bit file', change: (elf) => set(elf, 4, 1), problem: 'not 64-bit little-endian' },
    { name: 'a big-endian file', change: (elf) => set(elf, 5, 2), problem: 'not 64-bit little-endian' },
    { name: 'program headers of another size', change: (elf) => set(elf, 54, 32), problem: 'unknown size' },
    {
      name: 'program headers beyond the end',
      change: (elf) => set(elf, 33, 0xff),
      problem: 'its program header table lies outside',
    },
    { name: 'an offset of 64 bits', change: (elf) => set(elf, 39, 0xff), problem: 'impossible offset' },
    { name: 'a file that is cut', change: (elf) => elf.subarray(0, -20), problem: 'outside of the file' },
    {
      name: 'names outside of all segments',
      change: (elf) => set(elf, 64 + 20, 0x70),
      problem: 'outside of its segments',
    },
  ];

  test.each(faulty)('throws elf-invalid for $name', ({ change, problem }) => {
    const expected: unknown = expect.objectContaining({
      code: 'elf-invalid',
      fields: { file: temp.path('file'), problem: expect.stringContaining(problem) },
    });
    expect(() => read(change(makeElf(full)))).toThrow(expected as Error);
  });

  test('throws nothing but elf-invalid, whatever byte is changed and wherever the file is cut', () => {
    const elf = makeElf(full);
    const bytes = fc.integer({ min: 0, max: 255 });
    const changes = fc.array(fc.tuple(fc.nat(elf.length - 1), bytes), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, fc.nat(elf.length), (changed, length) => {
        const copy = Buffer.from(elf);
        for (const [at, value] of changed) copy.writeUInt8(value, at);
        for (const bytesOfFile of [copy, copy.subarray(0, length)]) expect(failureOf(bytesOfFile)).toBe(null);
      }),
      { numRuns: 500 },
    );
  });
});

/** Null when the bytes can be read or are refused properly, else what was thrown. */
function failureOf(bytes: Buffer): unknown {
  try {
    read(bytes);
    return null;
  } catch (error) {
    return isHarnessError(error, 'elf-invalid') ? null : error;
  }
}

function set(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeUInt8(value, at);
  return bytes;
}

test.each([
  { name: 'an ELF file', path: process.execPath, expected: true },
  { name: 'a text file', path: __filename, expected: false },
  { name: 'an empty file', path: '/dev/null', expected: false },
])('isElf() is $expected for $name', ({ path, expected }) => {
  expect(isElf(path)).toBe(expected);
  expect(readFileSync(path).subarray(0, 4).equals(Buffer.from('\x7fELF'))).toBe(expected);
});
