import { expect, test } from '@jest/globals';

import { isHarnessError } from '../../../src/errors';
import { NativeMonitor } from '../../../src/host/native/monitor';
import { GIB, GuestImage, HIGH, LARGE, LOW, MIB, PAGE_LEVELS, PRESENT, DECORATION, type PageSize } from './guest-image';

const PAGES = [4, 5].flatMap((levels) =>
  Object.keys(PAGE_LEVELS).map((size) => ({ levels: levels as 4 | 5, size: size as PageSize })),
);
const KVA = { 4: 0xffff_c900_0000_0000n, 5: 0xff91_0000_4000_0000n };
const SECRET = Buffer.from('what the guest wrote');

/** The error code, or the bytes that were read. */
function attempt(read: () => Buffer): Buffer | string {
  try {
    return read();
  } catch (error) {
    if (isHarnessError(error)) return error.code;
    throw error;
  }
}

test.each(PAGES)('read() follows $levels levels of tables to a page of $size', async ({ levels, size }) => {
  using image = new GuestImage(levels);
  image.map(KVA[levels], HIGH.gpa, { size, bits: DECORATION });
  image.write(HIGH.gpa + 0xabc, SECRET);
  using monitor = await image.monitor();
  expect(monitor.read(KVA[levels] + 0xabcn, SECRET.length)).toEqual(SECRET);
  expect(monitor.translate(KVA[levels] + 0xabcn)).toBe(BigInt(HIGH.gpa + 0xabc));
});

test.each(PAGES.filter(({ size }) => size !== '4 KiB'))(
  'read() takes the memory type in bit 12 for no part of the address of a page of $size, of $levels levels',
  async ({ levels, size }) => {
    using image = new GuestImage(levels);
    image.map(KVA[levels], HIGH.gpa, { size, bits: 1n << 12n });
    image.write(HIGH.gpa, SECRET);
    using monitor = await image.monitor();
    expect(monitor.read(KVA[levels], SECRET.length)).toEqual(SECRET);
  },
);

test('read() joins pages that follow each other for the kernel alone', async () => {
  using image = new GuestImage();
  image.map(KVA[4], 2 * MIB);
  image.map(KVA[4] + 0x1000n, 1 * MIB);
  image.map(KVA[4] + 0x2000n, HIGH.gpa);
  const text = Buffer.alloc(4096 * 2, 'abcdefg');
  image.write(2 * MIB + 4000, text.subarray(0, 96));
  image.write(1 * MIB, text.subarray(96, 96 + 4096));
  image.write(HIGH.gpa, text.subarray(96 + 4096));
  using monitor = await image.monitor();
  expect(monitor.read(KVA[4] + 4000n, text.length)).toEqual(text);
});

/** Each breaks the way to the page of `KVA[4]`. */
const BROKEN: { name: string; kva?: bigint; length?: number; breakIt(image: GuestImage): void }[] = [
  { name: 'a page that is not present', breakIt: (image) => image.writeU64(image.entryAt(KVA[4], 1), 0x1000n) },
  { name: 'a table that is not present', breakIt: (image) => image.writeU64(image.entryAt(KVA[4], 3), 0x1000n) },
  {
    name: 'a page outside of RAM',
    breakIt: (image) => image.writeU64(image.entryAt(KVA[4], 1), BigInt(GIB) | PRESENT),
  },
  {
    name: 'a table outside of RAM',
    breakIt: (image) => image.writeU64(image.entryAt(KVA[4], 2), 0x000f_ffff_ffff_f000n | PRESENT),
  },
  {
    name: 'a large page at level 4',
    breakIt: (image) => image.writeU64(image.entryAt(KVA[4], 4), LARGE | PRESENT),
  },
  {
    name: 'a page of 2 MiB that begins between two',
    breakIt: (image) => image.writeU64(image.entryAt(KVA[4], 2), 0x2000n | LARGE | PRESENT),
  },
  {
    name: 'a page of 1 GiB that begins between two',
    breakIt: (image) => image.writeU64(image.entryAt(KVA[4], 3), 0x20_0000n | LARGE | PRESENT),
  },
  { name: 'an address that is not canonical', kva: KVA[4] & 0x7fff_ffff_ffff_ffffn, breakIt: () => undefined },
  { name: 'a range whose last page is not mapped', kva: KVA[4] + 0xfffn, length: 2, breakIt: () => undefined },
];

test.each(BROKEN)('read() refuses $name', async ({ kva = KVA[4], length = 1, breakIt }) => {
  using image = new GuestImage();
  image.map(KVA[4], 2 * MIB);
  using monitor = await image.monitor();
  expect(attempt(() => monitor.read(KVA[4], 1))).toEqual(Buffer.alloc(1));
  breakIt(image);
  expect(attempt(() => monitor.read(kva, length))).toBe('guest-memory');
});

test('read() ends in tables that lead to themselves', async () => {
  using image = new GuestImage(5);
  for (let index = 0; index < 512; index++) image.writeU64(image.root + index * 8, BigInt(image.root) | PRESENT);
  using monitor = await image.monitor();
  // Each level is the same table, and so is the page at the end.
  expect(monitor.read(KVA[5], 8).readBigUInt64LE()).toBe(BigInt(image.root) | PRESENT);
});

test('read() takes an address in a window at its distance, up to the end of the window', async () => {
  using image = new GuestImage();
  image.write(2 * MIB, SECRET);
  const window = { kva: 0xffff_8880_0000_0000n, bytes: BigInt(2 * MIB + 4), gpa: 0n };
  using monitor = await image.monitor({ windows: [window] });
  expect(monitor.read(window.kva + BigInt(2 * MIB), 4)).toEqual(SECRET.subarray(0, 4));
  expect(attempt(() => monitor.read(window.kva + BigInt(2 * MIB), 5))).toBe('guest-memory');
  expect(attempt(() => monitor.read(window.kva - 1n, 1))).toBe('guest-memory');
});

test('readPhysical() reads RAM and nothing else', async () => {
  using image = new GuestImage();
  image.write(HIGH.gpa, SECRET);
  using monitor = await image.monitor();
  expect(monitor.readPhysical(BigInt(HIGH.gpa), SECRET.length)).toEqual(SECRET);
  expect(monitor.readPhysical(BigInt(LOW.bytes - 1), 1)).toHaveLength(1);
  expect(attempt(() => monitor.readPhysical(BigInt(LOW.bytes - 1), 2))).toBe('guest-memory');
  expect(attempt(() => monitor.readPhysical(0xffff_ffff_ffff_fff0n, 32))).toBe('guest-memory');
});

const SPACE = { rootGpa: 0n, levels: 4, windows: [], tlbMs: 0 } as const;
const REFUSED = [
  { name: 'no memory', ranges: () => [] },
  { name: 'a range that is no whole page', ranges: (fd: number) => [{ gpa: 0, bytes: 100, fd, fileOffset: 0 }] },
  {
    name: 'ranges that overlap',
    ranges: (fd: number) => [
      { gpa: 0, bytes: 8192, fd, fileOffset: 0 },
      { gpa: 4096, bytes: 8192, fd, fileOffset: 0 },
    ],
  },
  {
    name: 'a file that is shorter than its range',
    ranges: (fd: number) => [{ gpa: 0, bytes: LOW.bytes + HIGH.bytes, fd, fileOffset: 4096 }],
  },
  { name: 'a descriptor that is not open', ranges: () => [{ gpa: 0, bytes: 4096, fd: 9999, fileOffset: 0 }] },
];

test.each(REFUSED)('NativeMonitor.create() refuses $name', async ({ ranges }) => {
  using image = new GuestImage();
  await expect(NativeMonitor.create(ranges(image.file.fd), SPACE)).rejects.toMatchObject({ code: 'monitor' });
});

test('NativeMonitor.create() refuses three levels of tables', async () => {
  using image = new GuestImage();
  await expect(image.monitor({ levels: 3 as 4 })).rejects.toMatchObject({
    code: 'monitor',
    fields: { phase: 'configure' },
  });
});
