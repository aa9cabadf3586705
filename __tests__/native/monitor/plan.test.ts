import { expect, test } from '@jest/globals';

import { decodeRecord, type PlanRecord } from '../../../src/host/monitor/plan/decode-record';
import { encodePlan } from '../../../src/host/monitor/plan/encode-plan';
import type { ReadExpression, ReadPlan } from '../../../src/host/monitor/plan/read-plan';
import { GuestImage, HIGH, MIB } from './guest-image';

const DIRECT = 0xffff_8880_0000_0000n;
const WINDOWS = [{ kva: DIRECT, bytes: 64n << 40n, gpa: 0n }];
const VMALLOC = 0xffff_c900_0000_0000n;

const at = (gpa: number): bigint => DIRECT + BigInt(gpa);

async function execute(image: GuestImage, plan: Partial<ReadPlan>): Promise<PlanRecord> {
  const encoded = encodePlan({ expressions: [], groups: [], threads: [], ...plan });
  using monitor = await image.monitor({ windows: WINDOWS });
  return decodeRecord(encoded, monitor.execute(encoded));
}

test('execute() follows a chain of six pointers, forwards and backwards', async () => {
  using image = new GuestImage();
  const places = [0x1000, 0x2000, 0x3000, 0x4000, 0x5000, HIGH.gpa, HIGH.gpa + 0x2000];
  for (const [index, place] of places.slice(1).entries()) image.writeU64((places[index] ?? 0) + 8 * index, at(place));
  image.write(HIGH.gpa + 0x2000 - 20, Buffer.from('arrived'));
  const chain = { base: at(0x1000), steps: [0, 8, 16, 24, 32, 40], offset: -20, length: 7 };
  const record = await execute(image, { expressions: [chain] });
  expect(record.value(0)?.toString()).toBe('arrived');
});

test('execute() reads through page tables what is in no window', async () => {
  using image = new GuestImage();
  image.map(VMALLOC, 2 * MIB);
  image.map(VMALLOC + 0x1000n, HIGH.gpa);
  image.writeU64(0x1000, VMALLOC + 0xff0n);
  image.write(2 * MIB + 0xffc, Buffer.from('left'));
  image.write(HIGH.gpa, Buffer.from('right'));
  const record = await execute(image, { expressions: [{ base: at(0x1000), steps: [0], offset: 12, length: 9 }] });
  expect(record.value(0)?.toString()).toBe('leftright');
});

const LOST: { name: string; expression: ReadExpression }[] = [
  { name: 'a null pointer', expression: { base: at(0x2000), steps: [0], length: 8 } },
  {
    name: 'a null pointer whose offset leads to RAM',
    expression: { base: at(0x2000), steps: [0], offset: Number(1n << 40n), length: 8 },
  },
  { name: 'a pointer outside of RAM', expression: { base: at(0x2000), steps: [8], length: 8 } },
  { name: 'a pointer that is not mapped', expression: { base: at(0x2000), steps: [16], length: 8 } },
  { name: 'a pointer that is not canonical', expression: { base: at(0x2000), steps: [24], length: 8 } },
  { name: 'a base that is not mapped', expression: { base: VMALLOC, length: 8 } },
  { name: 'a value that ends outside of RAM', expression: { base: at(8 * MIB - 4), length: 8 } },
];

test.each(LOST)('execute() leaves a value unknown behind $name, and reads the next', async ({ expression }) => {
  using image = new GuestImage();
  image.writeU64(0x2008, at(1 << 30));
  image.writeU64(0x2010, VMALLOC + 0x123n);
  image.writeU64(0x2018, 0x1234_5678_9abc_def0n);
  image.writeU64(0x3000, 42n);
  const record = await execute(image, { expressions: [expression, { base: at(0x3000), length: 8 }] });
  expect(record.value(0)).toBeNull();
  expect(record.u64(1)).toBe(42n);
});

test('execute() reads values of any length next to each other', async () => {
  using image = new GuestImage();
  const text = Buffer.from(Array.from({ length: 4096 + 64 }, (_, i) => i % 251));
  image.write(0x5001, text);
  const lengths = [1, 2, 3, 4, 5, 7, 8, 9, 16, 255, 4096];
  const expressions = lengths.map((length, index) => ({ base: at(0x5001 + index), length }));
  const record = await execute(image, { expressions });
  for (const [index, length] of lengths.entries())
    expect(record.value(index)).toEqual(text.subarray(index, index + length));
});

test('execute() says that a group was of one moment when its guard stood still', async () => {
  using image = new GuestImage();
  image.writeU64(0x1000, 7n);
  image.writeU64(0x1008, 8n);
  const expressions = [
    { base: at(0x1000), length: 8 },
    { base: at(0x1008), length: 8 },
    { base: VMALLOC, length: 8 },
  ];
  const groups = [
    { first: 0, count: 2 },
    { first: 2, count: 1 },
  ];
  const record = await execute(image, { expressions, groups });
  expect([record.u64(0), record.u64(1), record.u64(2)]).toEqual([7n, 8n, null]);
  // A guard that cannot be read vouches for nothing.
  expect(record.consistent).toEqual([true, false]);
  expect(record).toMatchObject({ retries: 0, rejects: 0 });
});

const VALUE = { base: at(0x1000), length: 8 };
const REFUSED: { name: string; plan: Partial<ReadPlan> }[] = [
  { name: 'a value without bytes', plan: { expressions: [{ ...VALUE, length: 0 }] } },
  { name: 'a value of more than a page', plan: { expressions: [{ ...VALUE, length: 4097 }] } },
  { name: 'a value that is never read', plan: { expressions: [{ ...VALUE, every: 0 }] } },
  { name: 'a group behind the expressions', plan: { expressions: [VALUE], groups: [{ first: 1, count: 1 }] } },
  { name: 'a group without expressions', plan: { expressions: [VALUE], groups: [{ first: 0, count: 0 }] } },
  { name: 'a group whose end wraps', plan: { expressions: [VALUE], groups: [{ first: 0, count: 0xffff_ffff }] } },
  {
    name: 'groups that overlap',
    plan: {
      expressions: [VALUE, VALUE],
      groups: [
        { first: 0, count: 2 },
        { first: 1, count: 1 },
      ],
    },
  },
  { name: 'a guard of 4 bytes', plan: { expressions: [{ ...VALUE, length: 4 }], groups: [{ first: 0, count: 1 }] } },
  { name: 'threads that are never read', plan: { threads: [{ pid: 1, tid: 1 }], threadsEvery: 0 } },
  {
    name: 'more than a mebibyte',
    plan: { expressions: Array.from({ length: 257 }, () => ({ ...VALUE, length: 4096 })) },
  },
];

test.each(REFUSED)('execute() refuses a plan with $name', async ({ plan }) => {
  using image = new GuestImage();
  await expect(execute(image, plan)).rejects.toMatchObject({ code: 'monitor', fields: { phase: 'plan' } });
});

test('execute() refuses a plan that is cut short, at every length', async () => {
  using image = new GuestImage();
  using monitor = await image.monitor();
  const encoded = encodePlan({ expressions: [VALUE, VALUE], groups: [{ first: 0, count: 2 }], threads: [] });
  for (let length = 0; length < encoded.bytes.length; length++) {
    const bytes = encoded.bytes.subarray(0, length);
    expect(() => monitor.execute({ ...encoded, bytes })).toThrow(expect.objectContaining({ code: 'monitor' }));
  }
});
