import { collectDump } from '../../src/host/monitor/dump/collect-dump';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { decodeMessage } from '../../src/protocol/decode-message';
import { FrameDecoder } from '../../src/protocol/frame-decoder';
import type { GuestStream, Machine, MachineName } from '../../src/host/machine/machine';
import type { Message } from '../../src/protocol/messages';
import { waitUntil } from '../native/processes';
import { heldResources } from './held-resources';
import { planBody, startMachine } from './inline-test';
import { scaledMs } from '../../src/spec/time-scale';

/** Guest time that no body here uses up: virtual time runs a hundred times as fast as the host's in a guest that idles. */
const ENDLESS = { timeoutMs: 24 * 3_600_000 };

/** Tells where things are in the guest's memory, then counts up for as long as the machine runs. */
const REPORTS_AND_TICKS = `
const hex = require('node:crypto').createHash('sha256').update(String(process.hrtime.bigint())).digest('hex');
// Only its mirror image leaves the guest, so that the host cannot find its own copy.
const kept = Buffer.from(hex.repeat(1000));
console.log(JSON.stringify({
  mirrored: [...hex].reverse().join(''),
  vmcoreinfo: fs.readFileSync('/sys/kernel/vmcoreinfo', 'utf8').trim(),
  iomem: fs.readFileSync('/proc/iomem', 'utf8'),
}));
const line = fs.openSync('/dev/console', 'w');
for (let tick = 0; kept.length > 0; tick++) {
  fs.writeSync(line, 'tick ' + tick + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 20));
}`;

const PRINTS_500_LINES = `for (let line = 0; line < 500; line++) console.log('line ' + line + ' ' + 'x'.repeat(line));`;
const RESETS = `console.log('resets'); fs.writeFileSync('/proc/sysrq-trigger', 'b');`;

interface Report {
  mirrored: string;
  vmcoreinfo: string;
  iomem: string;
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** Many times what a boot takes, on a KVM that is emulated as well. */
const DEADLINE_MS = 240_000;

/** What every machine does, whatever it is made of. */
export function describeMachine(kind: MachineName): void {
  describe(`the ${kind} machine`, () => describeOne(kind));
  describe(`several ${kind} machines of one process`, () => describeSeveral(kind));
}

function describeOne(kind: MachineName): void {
  const before = heldResources();
  let machine: Awaited<ReturnType<typeof startMachine>>;
  let report: Report;

  beforeAll(async () => {
    machine = await startMachine(await planBody(REPORTS_AND_TICKS, { machine: kind, ...ENDLESS }));
    const { message } = await nextMessage(machine, 'console');
    report = JSON.parse(message) as Report;
    await output(machine.console, 'tick 1');
  });

  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
  });

  test('shows what the guest has put into its memory, while it runs', () => {
    const secret = Buffer.from([...report.mirrored].reverse().join('').repeat(10));
    expect(findInMemory(machine, secret)).toBeDefined();
    expect(findInMemory(machine, Buffer.from(report.mirrored.replace(/./g, 'g')))).toBeUndefined();
  });

  test('reads at guest-physical addresses, as the kernel names them', () => {
    // In hexadecimal, without a prefix the size.
    const [address = '', size = ''] = report.vmcoreinfo.split(' ');
    const note = machine.memory.read(Number(`0x${address.replace(/^0x/, '')}`), Number(`0x${size}`)).toString('latin1');
    expect(note).toMatch(/VMCOREINFO[^]*OSRELEASE=\d+\.\d+[^]*SYMBOL\(swapper_pg_dir\)=/);
  });

  test('has memory where the guest sees it, and refuses to read anywhere else', () => {
    const { memory } = machine;
    expect(memory.sizeBytes).toBe(512 * MIB);
    const ranges = ramRanges(report.iomem);
    expect(ranges.length).toBeGreaterThan(0);
    for (const { first, last } of ranges) {
      expect(memory.read(first, 1)).toHaveLength(1);
      expect(memory.read(last, 1)).toHaveLength(1);
    }
    expect(memory.read(memory.sizeBytes - 16, 16)).toHaveLength(16);
    expect(memory.read(memory.sizeBytes, 0)).toHaveLength(0);
    for (const [gpa, length] of [
      [memory.sizeBytes - 8, 16],
      [memory.sizeBytes, 1],
      [-1, 1],
      [0, -1],
      [0.5, 1],
      [Number.NaN, 1],
      [2 ** 53, 1],
    ] as const) {
      expect(() => memory.read(gpa, length)).toThrow(RangeError);
    }
  });

  test('replays its streams to a listener that comes late, then goes on', async () => {
    for (const stream of [machine.console, machine.early, machine.port]) {
      const late: Buffer[] = [];
      stream.onData((chunk) => late.push(chunk));
      expect(Buffer.concat(late).toString('latin1')).toBe(stream.text());
      expect(stream.text()).not.toBe('');
    }
    const later: Buffer[] = [];
    machine.console.onData((chunk) => later.push(chunk));
    const known = later.length;
    await waitUntil('the guest prints more', () => later.length > known);
    expect(Buffer.concat(later).toString('latin1')).toBe(machine.console.text());
  });

  // In virtual time a pause changes what the guest measures; none of it is looked at here.
  test('stops the guest when it is paused, and lets it go on where it was', async () => {
    await machine.pause();
    machine.console.drain();
    const ticks = await ticksIn(machine, 500);
    await machine.resume();
    expect(ticks).toBe(0);
    const last = lastTick(machine);
    await output(machine.console, `tick ${last + 2}`);
    expect(machine.console.text()).toContain(`tick ${last + 1}`);
  });

  test('is seen from outside while it is paused: its kernel, the task of each CPU and where that is', async () => {
    await machine.pause();
    const registers = await machine.registers();
    const dump = collectDump({ memory: machine.memory, registers, kernel: null });
    await machine.resume();
    expect(dump.unavailable).toEqual([]);
    expect(dump.sched?.cpus.map(({ cpu }) => cpu)).toEqual(registers.map((_, cpu) => cpu));
    const stacks = dump.sched?.cpus.flatMap(({ stack, isIdle }) => (isIdle ? [stack.join(' ')] : [])) ?? [];
    expect(stacks.length).toBeGreaterThan(0);
    // An idle CPU was started by the kernel, and is in its idle loop.
    for (const stack of stacks) expect(stack).toMatch(/do_idle\S* cpu_startup_entry\S* .*(start_secondary|rest_init)/);
    expect(dump.sched?.taskCount).toBeGreaterThan(20);
  });

  test('ends at once when it is stopped, and says that it was killed', async () => {
    const startedAt = performance.now();
    await machine.stop();
    expect(await machine.exited).toEqual({ kind: 'killed', signal: 'SIGKILL' });
    expect(performance.now() - startedAt).toBeLessThan(scaledMs(5_000));
    // What a machine in this process takes is not told apart from the rest of it.
    const [least, most] = kind === 'kvm' ? [0, 0] : [64 * 1024, Infinity];
    expect(machine.peakMemoryKib).toBeGreaterThanOrEqual(least);
    expect(machine.peakMemoryKib).toBeLessThanOrEqual(most);
    await machine.stop();
  });

  test('leaves no process, no descriptor and no memory file when it is disposed of', async () => {
    await machine[Symbol.asyncDispose]();
    expect(heldResources()).toEqual(before);
  });
}

function describeSeveral(kind: MachineName): void {
  test('end as their guests do and deliver all that these wrote once', async () => {
    const before = heldResources();
    const bodies = [PRINTS_500_LINES, RESETS];
    const planned = await Promise.all(bodies.map((body) => planBody(body, { machine: kind, ...ENDLESS })));
    const started = await Promise.all(planned.map((test) => startMachine(test)));
    const read = started.map((each) => messagesOf(each));
    const exits = await Promise.all(started.map((each) => each.exited));

    expect(exits.map((exit) => exit.kind)).toEqual(['poweroff', 'triple-fault']);
    const printed = read.map((messages) => messages.flatMap((each) => (each.kind === 'console' ? each.message : [])));
    const lines = Array.from({ length: 500 }, (_, line) => `line ${line} ${'x'.repeat(line)}`);
    expect(printed).toEqual([lines, ['resets']]);
    for (const each of started) await each[Symbol.asyncDispose]();
    expect(heldResources()).toEqual(before);
  });
}

/** A child that fills memory of node 1, which its cgroup confines it to, once it is in there. */
const FILLS_NODE_1 = `
const cgroup = '/sys/fs/cgroup/high';
fs.writeFileSync('/sys/fs/cgroup/cgroup.subtree_control', '+cpuset');
fs.mkdirSync(cgroup);
fs.writeFileSync(cgroup + '/cpuset.mems', '1');
const child = childProcess.spawn(process.execPath, ['-e', \`process.stdin.once('data', (mirrored) => {
  globalThis.kept = Buffer.from([...String(mirrored)].reverse().join('').repeat(1000));
  console.log('filled');
})\`], { stdio: ['pipe', 'pipe', 'inherit'] });
fs.writeFileSync(cgroup + '/cgroup.procs', String(child.pid));
const hex = require('node:crypto').createHash('sha256').update(String(process.hrtime.bigint())).digest('hex');
child.stdin.write(hex);
await new Promise((resolve) => child.stdout.once('data', resolve));
console.log(JSON.stringify({ mirrored: hex, vmcoreinfo: '', iomem: fs.readFileSync('/proc/iomem', 'utf8') }));
await new Promise(() => {});`;

/** Where RAM below 4 GiB ends, and how much of it is above. */
const LAYOUTS = {
  kvm: { lowEnd: 3 * GIB, highEnd: 5 * GIB },
  emulated: { lowEnd: 2 * GIB, highEnd: 6 * GIB },
} as const;

/** A machine with 4 GiB on two nodes. */
export function describeHighMemory(kind: keyof typeof LAYOUTS): void {
  test(`a machine of kind ${kind} shows memory above 4 GiB where the guest sees it, and nothing in the hole below`, async () => {
    const { lowEnd, highEnd } = LAYOUTS[kind];
    const shape = { machine: kind, numaNodes: 2, llcs: 2, memoryMib: 4096 };
    await using machine = await startMachine(await planBody(FILLS_NODE_1, { ...shape, ...ENDLESS }));
    const { mirrored, iomem } = JSON.parse((await nextMessage(machine, 'console')).message) as Report;

    const ranges = ramRanges(iomem);
    const [low, high] = [
      ranges.findLast(({ last }) => last < 4 * GIB),
      ranges.findLast(({ first }) => first >= 4 * GIB),
    ];
    expect({ low: low?.last, high }).toEqual({ low: expect.any(Number), high: { first: 4 * GIB, last: highEnd - 1 } });
    expect(machine.memory.read(highEnd - 1, 1)).toHaveLength(1);
    for (const gpa of [lowEnd, 4 * GIB - 1, highEnd]) expect(() => machine.memory.read(gpa, 1)).toThrow(RangeError);
    expect(() => machine.memory.read(lowEnd - 8, 16)).toThrow(RangeError);
    const secret = Buffer.from([...mirrored].reverse().join('').repeat(10));
    expect(findInMemory(machine, secret, [4 * GIB, highEnd])).toBeDefined();
  });
}

/** The messages of a machine, as they come. @throws {Error} in the stream when a byte is not part of an intact frame */
function messagesOf(machine: Machine): Message[] {
  const messages: Message[] = [];
  const decoder = new FrameDecoder();
  machine.port.onData((chunk) => {
    for (const item of decoder.push(chunk)) {
      if (item.type === 'damage') throw new Error(`${item.damage.bytes} bytes of the port were no frame`);
      const decoded = decodeMessage(item.frame);
      if (decoded.ok) messages.push(decoded.message);
    }
  });
  return messages;
}

async function nextMessage<K extends Message['kind']>(machine: Machine, kind: K): Promise<Message & { kind: K }> {
  const messages = messagesOf(machine);
  const wanted = (message: Message): message is Message & { kind: K } => message.kind === kind;
  await waitUntil(`the guest sends ${kind}`, () => messages.some(wanted), DEADLINE_MS);
  return messages.find(wanted) as Message & { kind: K };
}

async function output(stream: GuestStream, text: string): Promise<void> {
  await waitUntil(`the guest prints "${text}"`, () => stream.text().includes(text), DEADLINE_MS);
}

function lastTick(machine: Machine): number {
  return Number([...machine.console.text().matchAll(/tick (\d+)/g)].at(-1)?.[1]);
}

/** How often the guest ticks while the host watches for some time. */
async function ticksIn(machine: Machine, ms: number): Promise<number> {
  const before = lastTick(machine);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return lastTick(machine) - before;
}

function ramRanges(iomem: string): { first: number; last: number }[] {
  const lines = iomem.matchAll(/^([0-9a-f]+)-([0-9a-f]+) : System RAM$/gm);
  return [...lines].map(([, first, last]) => ({ first: Number(`0x${first}`), last: Number(`0x${last}`) }));
}

/** Address of the first occurrence, searched chunk by chunk, by default in all of the lower memory; undefined when there is none. */
function findInMemory({ memory }: Machine, bytes: Buffer, [from, to] = [0, memory.sizeBytes]): number | undefined {
  const chunkBytes = 16 * MIB;
  for (let gpa = from; gpa < to; gpa += chunkBytes) {
    const at = memory.read(gpa, Math.min(chunkBytes + bytes.length, to - gpa)).indexOf(bytes);
    if (at !== -1) return gpa + at;
  }
  return undefined;
}
