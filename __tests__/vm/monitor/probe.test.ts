import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';

import { deadlinesFor } from '../../../environment/deadlines';
import { QemuMachine } from '../../../src/host/machine/qemu/qemu-machine';
import { watchGuest } from '../../../src/host/machine/watch-guest';
import { decodeProbeOutput, type ProbeEntry } from '../../../src/host/monitor/probe/decode-output';
import { decodeRecord } from '../../../src/host/monitor/plan/decode-record';
import { encodePlan, type EncodedPlan } from '../../../src/host/monitor/plan/encode-plan';
import { NativeMonitor } from '../../../src/host/native/monitor';
import type { ProbeOrders } from '../../../src/host/native/probe-orders';
import type { Messages } from '../../../src/protocol/messages';
import { MACHINE_TIMEOUT_MS, planBody, startMachine, type InlineTest } from '../inline-test';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

const TWO_CGROUPS = `return executeDefs(ctx, [CgroupDef.named('cg_0').workers(4), CgroupDef.named('cg_1').workers(4)]);`;
/** So that how many levels its page tables have does not depend on how the kernel is started. */
const KERNEL_ARGS = ['no5lvl'];
const OPTIONS = { machine: 'deterministic', llcs: 2, cores: 2, durationMs: 100, kernelArgs: KERNEL_ARGS } as const;

/** __START_KERNEL_map of arch/x86/include/asm/page_64_types.h. With nokaslr, the image lies at its guest-physical addresses. */
const KERNEL_MAP = 0xffff_ffff_8000_0000n;
const KERNEL_MAP_BYTES = 512n << 20n;

/**
 * To a kernel that QEMU starts at its PVH entry it hands a page at 0x1000 in which it leaves bytes of its own stack, different ones in each
 * process. The kernel does not read them.
 */
const FIRMWARE_END = 0x2000n;

const TASK_BYTES = 4096;
const [JIFFIES, INIT_TASK, RUNQUEUE] = [0, 1, 2];

/** What the probe does at each tick of the timekeeper, but for stops. */
function ordersFor({ plan }: InlineTest): { orders: ProbeOrders; encoded: EncodedPlan; jiffies: bigint } {
  const symbol = symbolsOf(join(dirname(plan.kernel.image), 'vmlinux'));
  const encoded = encodePlan({
    expressions: [
      { base: symbol('jiffies'), length: 8 },
      { base: symbol('init_task'), length: TASK_BYTES },
      // The run queue of CPU 0 is no part of the kernel's image: page tables lead there.
      { base: symbol('__per_cpu_offset'), steps: [0], offset: Number(symbol('runqueues')), length: 64 },
    ],
    groups: [],
    threads: [],
  });
  const orders: ProbeOrders = {
    address: symbol('update_wall_time'),
    plan: encoded.bytes,
    space: {
      rootGpa: symbol('init_top_pgt') - KERNEL_MAP,
      levels: 4,
      windows: [{ kva: KERNEL_MAP, bytes: KERNEL_MAP_BYTES, gpa: 0n }],
      tlbMs: 0,
    },
    sampleEvery: 10,
    digestEvery: 150,
    digestFrom: FIRMWARE_END,
  };
  return { orders, encoded, jiffies: symbol('jiffies') };
}

function symbolsOf(vmlinux: string): (name: string) => bigint {
  const lines = execFileSync('nm', [vmlinux], { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 }).split('\n');
  const addresses = new Map(lines.map((line) => [line.slice(19), line.slice(0, 16)]));
  return (name) => BigInt(`0x${addresses.get(name)}`);
}

interface Run {
  /** What the guest measured and printed. */
  guest: { result: Messages['result'] | undefined; console: string };
  entries: ProbeEntry[];
}

async function run(
  inline: InlineTest,
  probe?: ProbeOrders,
  whileItRuns: (machine: QemuMachine) => Promise<void> = async () => undefined,
): Promise<Run> {
  await using machine = await startMachine(inline, probe === undefined ? {} : { probe });
  if (!(machine instanceof QemuMachine)) throw new TypeError('the deterministic machine is QEMU');
  const deadlines = deadlinesFor(inline.spec, 'deterministic');
  const [watched] = await Promise.all([
    watchGuest(machine, { deadlines, startedAt: performance.now() }),
    whileItRuns(machine),
  ]);
  expect(watched.exit).toEqual({ kind: 'poweroff' });
  expect(watched.messages.result?.errors).toEqual([]);
  return {
    guest: { result: watched.messages.result, console: watched.consoleText },
    entries: decodeProbeOutput(machine.probe?.output.bytes() ?? Buffer.alloc(0)),
  };
}

test('a probe sees the same at the same ticks of every run, and leaves no trace in the guest', async () => {
  const inline = await planBody(TWO_CGROUPS, OPTIONS);
  const { orders, encoded, jiffies } = ordersFor(inline);
  const unseen = await run(inline);
  const seen = await run(inline, orders);
  expect(seen.guest).toEqual(unseen.guest);
  const { digests, samples, hits } = partsOf(seen.entries);
  expect(new Set(digests.map(({ digest }) => digest)).size).toBeGreaterThanOrEqual(20);
  expect(hits).toBeGreaterThan(2000n);
  const records = samples.map(({ record }) => decodeRecord(encoded, record));
  expect(records.at(-1)?.value(INIT_TASK)?.toString('latin1')).toContain('swapper/0');
  expect(records.at(-1)?.value(RUNQUEUE)?.equals(Buffer.alloc(64))).toBe(false);
  const clocks = records.map((record) => record.u64(JIFFIES) ?? 0n);
  expect(clocks.toSorted((a, b) => Number(a - b))).toEqual(clocks);

  // Half of the way the second machine stands still for a while, looked at from outside; then it is told all anew.
  const middle = clocks[clocks.length >> 1] ?? 0n;
  const stopping = await run(inline, { ...orders, clock: jiffies, stopAt: { clock: middle } }, async (machine) => {
    const hit = await machine.probe!.stopped(MACHINE_TIMEOUT_MS);
    const now = (): bigint => machine.memory.read(Number(jiffies - KERNEL_MAP), 8).readBigUInt64LE();
    expect(now()).toBe(middle);
    await setTimeout(500);
    expect(now()).toBe(middle);
    using monitor = await NativeMonitor.create(machine.memory.fileRanges, orders.space);
    const record = decodeRecord(encoded, monitor.execute(encoded));
    expect(record.u64(JIFFIES)).toBe(middle);
    expect(record.value(RUNQUEUE)).toHaveLength(64);
    machine.probe!.go({ ...orders, stopAt: { hit: hit + 7n } });
    expect(await machine.probe!.stopped(MACHINE_TIMEOUT_MS)).toBe(hit + 7n);
    machine.probe!.go();
    await expect(machine.probe!.stopped(MACHINE_TIMEOUT_MS)).rejects.toMatchObject({
      fields: { detail: 'the machine has ended' },
    });
  });
  expect(stopping.guest).toEqual(seen.guest);
  expect(stopping.entries.map(describeEntry)).toEqual(seen.entries.map(describeEntry));
});

/** Short, so that a difference can be read. */
function describeEntry(entry: ProbeEntry): string {
  const at = `hit ${entry.hit}: ${entry.kind}`;
  if (entry.kind === 'sample') return `${at} ${createHash('sha256').update(entry.record).digest('hex')}`;
  return entry.kind === 'digest' ? `${at} ${entry.digest}` : at;
}

function partsOf(entries: readonly ProbeEntry[]) {
  return {
    digests: entries.filter((entry) => entry.kind === 'digest'),
    samples: entries.filter((entry) => entry.kind === 'sample'),
    hits: entries.find((entry) => entry.kind === 'end')?.hit,
  };
}

test('a probe that cannot do as it is told says why, and lets the guest run', async () => {
  const inline = await planBody('console.log("ran");', { machine: 'deterministic' });
  const { orders } = ordersFor(inline);
  const levels = 3 as 4;
  await run(inline, { ...orders, space: { ...orders.space, levels } }, async (machine) => {
    await expect(machine.probe!.stopped(MACHINE_TIMEOUT_MS)).rejects.toMatchObject({
      code: 'monitor',
      fields: { phase: 'configure', detail: '3 levels, 1 windows' },
    });
  });
});
