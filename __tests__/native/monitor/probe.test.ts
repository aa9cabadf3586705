import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';

import { AnonymousFile } from '../../../src/host/machine/anonymous-file';
import { decodeProbeOutput, type ProbeEntry } from '../../../src/host/monitor/probe/decode-output';
import { encodePlan } from '../../../src/host/monitor/plan/encode-plan';
import { MONITOR_STRUCTURES, PROBE_EVENT_KIND } from '../../../src/host/native/monitor-layout';
import { encodeProbeOrders, type ProbeOrders } from '../../../src/host/native/probe-orders';
import { structureCodec } from '../../../src/host/native/structure-codec';
import { builtProgram } from '../programs';
import { GuestImage, HIGH } from './guest-image';

const DIRECT = 0xffff_8880_0000_0000n;
/** Of data of the kernel. */
const DATA = 0xffff_ffff_8200_0000n;
const ADDRESS = 0xffff_ffff_8100_0000n;
const HITS = 20;
/** Descriptors of the program. */
const [ORDERS, OUTPUT, RAM, CONTROL] = [3, 4, 5, 6];
const NONE = -1;
const EVENT = structureCodec(MONITOR_STRUCTURES.probe_event);
const ERROR = structureCodec(MONITOR_STRUCTURES.monitor_error);

let program: string;
let image: GuestImage;
beforeAll(() => {
  program = builtProgram('host/probe_test');
});
beforeEach(() => {
  image = new GuestImage();
});
afterEach(() => image[Symbol.dispose]());

interface Told {
  kind: number;
  hit: bigint;
  error?: { code: number; phase: string; call: string };
}

/** Runs the probe in a program that stands in for QEMU. It writes to `output`, a path, when that is given. */
async function run(
  wanted: Pick<ProbeOrders, 'sampleEvery' | 'digestEvery' | 'stopAt' | 'stopWhen'>,
  { output, lostFd = NONE }: { output?: string; lostFd?: number } = {},
): Promise<{ told: Told[]; entries: ProbeEntry[] }> {
  using file = new AnonymousFile(1 << 20);
  using orders = new AnonymousFile(1 << 20);
  const ranges = image.ranges.map((range) => ({ ...range, fd: RAM }));
  const plan = encodePlan({ expressions: [{ base: DIRECT, length: 8 }], groups: [], threads: [] }).bytes;
  const space = { rootGpa: BigInt(image.root), levels: 4 as const, windows: [], tlbMs: 0 };
  writeSync(orders.fd, encodeProbeOrders({ address: ADDRESS, space, plan, ...wanted }, ranges));
  const outputFd = output === undefined ? file.fd : openSync(output, 'w');
  try {
    const options = [`orders=${ORDERS}`, `output=${OUTPUT}`, `control=${CONTROL}`];
    const child = spawn(program, [String(ADDRESS), String(HITS), String(lostFd), ...options], {
      stdio: ['ignore', 'ignore', 'inherit', orders.fd, outputFd, image.file.fd, 'pipe'],
      timeout: 10_000,
    });
    const control = child.stdio[CONTROL] as Duplex;
    // No new orders where it stops.
    if (wanted.stopWhen !== undefined) control.once('data', () => control.write(Buffer.alloc(4)));
    const [told, [code]] = await Promise.all([buffer(control), once(child, 'exit')]);
    expect(code).toBe(0);
    const written = Buffer.alloc(fstatSync(file.fd).size);
    readSync(file.fd, written, 0, written.length, 0);
    return { told: eventsIn(told), entries: decodeProbeOutput(written) };
  } finally {
    if (output !== undefined) closeSync(outputFd);
  }
}

function eventsIn(bytes: Buffer): Told[] {
  const told: Told[] = [];
  for (let at = 0; at < bytes.length;) {
    const { kind, hit, bytes: length } = EVENT.decode(bytes, at);
    at += EVENT.bytes;
    told.push({ kind, hit, ...(length > 0 ? { error: ERROR.decode(bytes, at) } : {}) });
    at += length;
  }
  return told;
}

test('what the probe writes down ends with the number of hits', async () => {
  const { told, entries } = await run({ sampleEvery: 8, digestEvery: 10 });
  expect(told).toEqual([]);
  expect(entries.map(({ kind, hit }) => `${kind} ${hit}`)).toEqual([
    'sample 8',
    'digest 10',
    'sample 16',
    'digest 20',
    'end 20',
  ]);
});

test('a digest stands for what is in RAM and where, not for the pages that the host has made', async () => {
  const digest = async (): Promise<unknown> => {
    const { entries } = await run({ digestEvery: HITS });
    return entries[0];
  };
  const page = Buffer.alloc(4096, 'page');
  const empty = await digest();
  image.write(0x3000, page);
  image.write(HIGH.gpa, page);
  const filled = await digest();
  expect(filled).not.toEqual(empty);
  image.write(0x5000, Buffer.alloc(4096));
  expect(await digest()).toEqual(filled);
  image.write(0x3000, Buffer.alloc(4096));
  image.write(0x4000, page);
  const moved = await digest();
  expect(moved).not.toEqual(filled);
  image.write(HIGH.gpa + HIGH.bytes - 4096, page);
  expect(await digest()).not.toEqual(moved);
});

test.each([
  { name: 'have a value', value: 7, hits: [1n] },
  { name: 'have another one', value: 8, hits: [] },
])('a stop for 4 bytes of the kernel is made once when they $name', async ({ value, hits }) => {
  image.map(DATA, 0x3000);
  image.write(0x3008, Buffer.from([7, 0, 0, 0, 1]));
  const { told, entries } = await run({ stopWhen: { kva: DATA + 8n, value } });
  expect(told).toEqual(hits.map((hit) => ({ kind: PROBE_EVENT_KIND.stopped, hit })));
  expect(entries).toEqual([{ kind: 'end', hit: BigInt(HITS) }]);
});

test('after an entry that could not be written the probe tells so once, and does nothing any more', async () => {
  const wanted = { sampleEvery: 5, digestEvery: 5, stopAt: { hit: 5n } };
  const { told } = await run(wanted, { output: '/dev/full' });
  expect(told).toEqual([{ kind: PROBE_EVENT_KIND.failed, hit: 5n, error: expect.anything() }]);
  expect(told[0]?.error).toMatchObject({ code: constants.errno.ENOSPC, phase: 'output', call: 'write' });
});

test('a file of RAM in which the probe cannot look for data is a failure, and no end of the data', async () => {
  const { told, entries } = await run({ digestEvery: 1 }, { lostFd: RAM });
  expect(told).toEqual([{ kind: PROBE_EVENT_KIND.failed, hit: 2n, error: expect.anything() }]);
  expect(told[0]?.error).toMatchObject({ code: constants.errno.ESPIPE, phase: 'digest', call: 'lseek' });
  expect(entries.map(({ kind, hit }) => `${kind} ${hit}`)).toEqual(['digest 1']);
});
