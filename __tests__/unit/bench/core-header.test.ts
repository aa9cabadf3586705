import { expect, test } from '@jest/globals';

import { coreHeader } from '../../../bench/core-header';

const MIB = 2 ** 20;
const PARTS = {
  ranges: [
    { gpa: 0, bytes: 8 * MIB },
    { gpa: 2 ** 32, bytes: 4 * MIB },
  ],
  vmcoreinfo: 'OSRELEASE=6.12\nSYMBOL(a)=1\n',
  directMap: 0xffff_8880_0000_0000n,
  image: { virtual: 0xffff_ffff_8100_0000n, gpa: MIB, bytes: 2 * MIB },
};

/** Program headers of ELF-64, 56 bytes each behind the header of 64. */
function segmentsOf(header: Buffer): object[] {
  return Array.from({ length: header.readUInt16LE(56) }, (_, index) => {
    const at = 64 + index * 56;
    const [fileOffset, virtual, physical] = [8, 16, 24].map((field) => header.readBigUInt64LE(at + field));
    const [fileBytes, bytes] = [32, 40].map((field) => Number(header.readBigUInt64LE(at + field)));
    return { type: header.readUInt32LE(at), fileOffset: Number(fileOffset), virtual, physical, fileBytes, bytes };
  });
}

test('coreHeader() lays RAM out behind itself, and the image over the part of it that it is in', () => {
  const header = coreHeader(PARTS);
  expect(header.length % 4096).toBe(0);
  expect(header.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
  const [note, ...loads] = segmentsOf(header);
  expect(note).toMatchObject({ type: 4, fileOffset: 64 + 4 * 56 });
  const load = (fileOffset: number, virtual: bigint, [physical, bytes]: [number, number]): object => {
    return {
      type: 1,
      fileOffset: header.length + fileOffset,
      virtual,
      physical: BigInt(physical),
      fileBytes: bytes,
      bytes,
    };
  };
  expect(loads).toEqual([
    load(MIB, PARTS.image.virtual, [MIB, 2 * MIB]),
    load(0, PARTS.directMap, [0, 8 * MIB]),
    load(8 * MIB, PARTS.directMap + 2n ** 32n, [2 ** 32, 4 * MIB]),
  ]);
});

test('coreHeader() has VMCOREINFO as an ELF note', () => {
  const header = coreHeader(PARTS);
  const note = header.subarray(64 + 4 * 56);
  expect([0, 4, 8].map((at) => note.readUInt32LE(at))).toEqual([11, PARTS.vmcoreinfo.length, 0]);
  expect(note.toString('latin1', 12, 24)).toBe('VMCOREINFO\0\0');
  expect(note.toString('latin1', 24, 24 + PARTS.vmcoreinfo.length)).toBe(PARTS.vmcoreinfo);
});

test('coreHeader() refuses an image that is not in RAM', () => {
  const image = { ...PARTS.image, gpa: 7 * MIB };
  expect(() => coreHeader({ ...PARTS, image })).toThrow('not in RAM');
});
