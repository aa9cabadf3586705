import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { decodeRecord, type PlanRecord } from '../../../src/host/monitor/plan/decode-record';
import { encodePlan, type EncodedPlan } from '../../../src/host/monitor/plan/encode-plan';
import type { ReadExpression, ReadPlan } from '../../../src/host/monitor/plan/read-plan';
import type { AddressSpace } from '../../../src/host/native/address-space';
import type { NativeSampler } from '../../../src/host/native/monitor-sampler';
import { waitUntil } from '../processes';
import { GuestImage } from './guest-image';

const DIRECT = 0xffff_8880_0000_0000n;
const SPACE = { windows: [{ kva: DIRECT, bytes: 1n << 40n, gpa: 0n }], tlbMs: 10 };
const VALUE = { base: DIRECT + 0x1000n, length: 8 };

let image: GuestImage;
beforeEach(() => {
  image = new GuestImage();
});
afterEach(() => image[Symbol.dispose]());

const planOf = (plan: Partial<ReadPlan>): EncodedPlan =>
  encodePlan({ expressions: [VALUE], groups: [], threads: [], ...plan });

const recordsOf = (sampler: NativeSampler, plan: EncodedPlan): PlanRecord[] =>
  sampler.drain().map((record) => decodeRecord(plan, record));

const samplesOf = (sampler: NativeSampler): number => Number(sampler.info().samples);

test('a sampler sees what the guest writes while it runs', async () => {
  const plan = planOf({});
  using monitor = await image.monitor(SPACE);
  await using sampler = monitor.sample(plan, { periodMs: 1, capacity: 4096 });
  const seen = new Set<bigint | null>();
  for (const value of [3n, 5n, 7n]) {
    image.writeU64(0x1000, value);
    await waitUntil(`${value} is sampled`, () => {
      for (const record of recordsOf(sampler, plan)) seen.add(record.u64(0));
      return seen.has(value);
    });
  }
});

test('two samplers of one process keep their periods, without drift', async () => {
  const plan = planOf({});
  using monitor = await image.monitor(SPACE);
  await using fast = monitor.sample(plan, { periodMs: 2, capacity: 4096 });
  await using slow = monitor.sample(plan, { periodMs: 20, capacity: 4096 });
  await waitUntil('the slow one has 25 samples', () => samplesOf(slow) >= 25);
  await Promise.all([fast.stop(10_000), slow.stop(10_000)]);
  const periods = { fast: periodsOf(recordsOf(fast, plan)), slow: periodsOf(recordsOf(slow, plan)) };
  expect(periods.fast.count / periods.slow.count).toBeGreaterThan(9);
  expect(periods.fast.count / periods.slow.count).toBeLessThan(11);
  expect(periods.fast.leastLateNs).toBeLessThan(2_000_000);
  expect(periods.slow.leastLateNs).toBeLessThan(20_000_000);

  /** Periods that went by, and how late the timeliest sample of the second half was for its own, counted from the first sample. */
  function periodsOf(records: PlanRecord[]): { count: number; leastLateNs: number } {
    const first = records[0]?.hostNs ?? 0n;
    const periodNs = records.length > 100 ? 2_000_000 : 20_000_000;
    let count = 0;
    const late = records.map((record, index) => {
      count += record.skipped + (index > 0 ? 1 : 0);
      return Number(record.hostNs - first) - count * periodNs;
    });
    return { count, leastLateNs: Math.abs(Math.min(...late.slice(late.length / 2))) };
  }
});

test('a ring that is full drops the newest, and says how many', async () => {
  const plan = planOf({});
  using monitor = await image.monitor(SPACE);
  await using sampler = monitor.sample(plan, { periodMs: 1, capacity: 8 });
  let news = 0;
  sampler.onHalfFull(() => news++);
  await waitUntil('10 samples are dropped', () => Number(sampler.info().dropped) >= 10);
  await waitUntil('the half full ring is reported', () => news === 1);
  expect(recordsOf(sampler, plan).map(({ sequence }) => Number(sequence))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  await waitUntil('the half full ring is reported again', () => news === 2);
  const [next] = recordsOf(sampler, plan);
  expect(next?.sequence).toBe(8n + (next?.dropped ?? 0n));
  expect(next?.dropped).toBeGreaterThanOrEqual(10n);
});

test('a sampler stops long before its period is over, and keeps what it has', async () => {
  const plan = planOf({});
  using monitor = await image.monitor(SPACE);
  await using sampler = monitor.sample(plan, { periodMs: 1000, capacity: 4 });
  await waitUntil('there is a sample', () => samplesOf(sampler) === 1);
  await sampler.stop(800);
  await sampler.ended;
  expect(samplesOf(sampler)).toBe(1);
  expect(recordsOf(sampler, plan)).toHaveLength(1);
  expect(recordsOf(sampler, plan)).toHaveLength(0);
});

test('a signal of the process is never for the sampling thread', async () => {
  using monitor = await image.monitor(SPACE);
  await using sampler = monitor.sample(planOf({}), { periodMs: 1000, capacity: 4 });
  await waitUntil('there is a sample', () => samplesOf(sampler) === 1);
  const [tid] = readdirSync('/proc/self/task').filter((each) => nameOf(each) === 'ktstr-sampler');
  const blocked = /^SigBlk:\t(\w+)$/m.exec(readFileSync(`/proc/self/task/${tid}/status`, 'utf8'))?.[1];
  // All but SIGKILL and SIGSTOP, which nobody can block, and 32 and 33, which glibc keeps for itself.
  const unblocked = [9, 19, 32, 33].reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n);
  expect(BigInt(`0x${blocked}`)).toBe(0xffff_ffff_ffff_ffffn & ~unblocked);
});

test('a sampler outlives the monitor that it came from', async () => {
  const plan = planOf({});
  const monitor = await image.monitor(SPACE);
  await using sampler = monitor.sample(plan, { periodMs: 1, capacity: 16 });
  monitor[Symbol.dispose]();
  const before = samplesOf(sampler);
  await waitUntil('there are more samples', () => samplesOf(sampler) > before + 3);
  expect(() => monitor.read(DIRECT, 8)).toThrow(TypeError);
});

test('values that are read less often stay in between', async () => {
  const plan = planOf({ expressions: [VALUE, { ...VALUE, every: 1_000_000 }] });
  image.writeU64(0x1000, 1n);
  using monitor = await image.monitor(SPACE);
  await using sampler = monitor.sample(plan, { periodMs: 1, capacity: 4096 });
  await waitUntil('there is a sample', () => samplesOf(sampler) > 0);
  image.writeU64(0x1000, 2n);
  const seen: (bigint | null)[][] = [];
  await waitUntil('the new value is sampled', () => {
    for (const record of recordsOf(sampler, plan)) seen.push([record.u64(0), record.u64(1)]);
    return seen.at(-1)?.[0] === 2n;
  });
  expect(seen.at(-1)).toEqual([2n, 1n]);
});

test('a group whose guard never stands still is rejected, and keeps its last values', async () => {
  // An attempt takes longer than a slice of the host's scheduler, so that the writer runs in each even where both have one CPU.
  const { expressions, space } = slowToRead();
  const plan = planOf({ expressions: [VALUE, ...expressions], groups: [{ first: 0, count: 1 + expressions.length }] });
  const countsUp = `
    const { writeSync } = require('node:fs');
    const word = Buffer.alloc(8);
    for (let count = 1n; ; count++) { word.writeBigUInt64LE(count); writeSync(${image.file.fd}, word, 0, 8, 0x1000); }`;
  using monitor = await image.monitor(space);
  const writer = new Worker(countsUp, { eval: true });
  const records: PlanRecord[] = [];
  try {
    await using sampler = monitor.sample(plan, { periodMs: 100, capacity: 64 });
    await waitUntil('groups are rejected', () => {
      records.push(...recordsOf(sampler, plan));
      return records.filter(({ rejects }) => rejects === 1).length >= 5;
    });
  } finally {
    await writer.terminate();
  }
  let last: bigint | null = null;
  for (const record of records) {
    const [isConsistent] = record.consistent;
    expect(record.rejects).toBe(isConsistent ? 0 : 1);
    expect(isConsistent ? record.retries <= 3 : record.retries === 3).toBe(true);
    if (!isConsistent) expect(record.u64(0)).toBe(last);
    last = record.u64(0);
  }

  /** Pointers between two pages that have one place in the translation cache, so that each is looked up in the tables again. */
  function slowToRead(): { expressions: ReadExpression[]; space: Partial<AddressSpace> } {
    const pages = [0x3000, 0x4000] as const;
    const at = pages.map((_, index) => 0xffff_c900_0000_0000n + BigInt(index * 512 * 4096));
    for (const [index, gpa] of pages.entries()) {
      image.map(at[index] ?? 0n, gpa);
      image.writeU64(gpa, at[1 - index] ?? 0n);
    }
    const pointers = { base: at[0] ?? 0n, steps: [0, 0, 0, 0, 0, 0], length: 8 };
    return { expressions: Array.from({ length: 32_000 }, () => pointers), space: SPACE };
  }
});

test('CPU time and run delay of host threads are read at their own pace', async () => {
  const threads = [
    { pid: process.pid, tid: process.pid },
    { pid: process.pid, tid: 0x7fff_fff0 },
  ];
  const plan = planOf({ threads, threadsEvery: 2 });
  using monitor = await image.monitor(SPACE);
  await using sampler = monitor.sample(plan, { periodMs: 1, capacity: 4096 });
  const records: PlanRecord[] = [];
  await waitUntil('this thread has used 20 ms', () => {
    records.push(...recordsOf(sampler, plan));
    spin(1);
    return Number(cpuNsOf(records.at(-1)) - cpuNsOf(records[0])) > 20_000_000;
  });
  for (const { sequence, threadsRead, threads: readings } of records) {
    expect(threadsRead).toBe(sequence % 2n === 0n);
    expect(readings[1]).toBeNull();
  }

  function cpuNsOf(record: PlanRecord | undefined): bigint {
    return record?.threads[0]?.cpuNs ?? 0n;
  }
});

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('samplers and monitors give back descriptors, threads and mappings', async () => {
  const plan = planOf({ threads: [{ pid: process.pid, tid: process.pid }] });
  const useAll = async (): Promise<void> => {
    using monitor = await image.monitor(SPACE);
    await using sampler = monitor.sample(plan, { periodMs: 1, capacity: 16 });
    await waitUntil('there is a sample', () => samplesOf(sampler) > 0);
    expect(held()).toMatchObject({ samplers: 1, mappings: image.ranges.length });
    expect(() => monitor.sample(plan, { periodMs: 0, capacity: 16 })).toThrow(
      expect.objectContaining({ code: 'monitor' }),
    );
    expect(() => monitor.sample(plan, { periodMs: 1, capacity: 2 ** 31 })).toThrow(
      expect.objectContaining({ code: 'monitor' }),
    );
  };
  await useAll();
  const before = held();
  for (let round = 0; round < 50; round++) await useAll();
  await waitUntil('descriptors are closed', () => held().descriptors <= before.descriptors);
  expect(held()).toMatchObject({ samplers: 0, mappings: 0 });

  function held(): { descriptors: number; samplers: number; mappings: number } {
    const names = readdirSync('/proc/self/task').map((tid) => nameOf(tid));
    return {
      descriptors: readdirSync('/proc/self/fd').length,
      samplers: names.filter((name) => name === 'ktstr-sampler').length,
      mappings: readFileSync('/proc/self/maps', 'utf8')
        .split('\n')
        .filter((line) => line.endsWith(' (deleted)')).length,
    };
  }
});

function nameOf(tid: string): string {
  try {
    return readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').trim();
  } catch {
    // Gone between listing and reading.
    return '';
  }
}
