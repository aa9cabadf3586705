import { expect, jest, test } from '@jest/globals';

import { cacheDir, storedKernels } from '../../../src/host/kernel/store';
import { global, globals } from '../../../src/host/monitor/bpf/globals';
import { map } from '../../../src/host/monitor/bpf/maps';
import { type BpfProgram, program, programs } from '../../../src/host/monitor/bpf/programs';
import type { Value } from '../../../src/host/monitor/btf/value';
import { Kernel } from '../../../src/host/monitor/kernel/kernel';
import { scxView } from '../../../src/host/monitor/kernel/scx-view';
import { tasks } from '../../../src/host/monitor/kernel/task-view';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import { MACHINE_TIMEOUT_MS } from '../inline-test';
import { bpftoolPath, type DumpedEntry, RUN, type ShownProgram } from './bpftool';
import { stopGuest } from './stopped-guest';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const kernels = storedKernels(cacheDir(process.env));
const BUILT = kernels.find(({ schedExt }) => schedExt)?.key ?? '';
const SHAPE = {
  llcs: 2,
  cores: 2,
  kernel: BUILT,
  scheduler: Scheduler.binary({ name: 'scx_ktstr', watchdogTimeoutMs: 20_000 }),
};

/** Of native/bpf/scx_ktstr.bpf.c: where tasks are put aside. */
const HELD_DSQ = 1n << 16n;

/** The scheduler goes on between a look of the guest and the pause: a count that it keeps is between two looks of the guest. */
const LOOK = `
  ${RUN}
  const dump = (name) => bpftool('map', 'dump', 'name', name);
  fs.writeFileSync('/proc/sys/kernel/bpf_stats_enabled', '1');
  for (;;) {
    tell({ programs: bpftool('prog', 'show'), bss: dump('scx_ktst.bss'), rodata: dump('scx_ktst.rodata'), ops: dump('ktstr_ops') });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
`;

interface Look {
  programs: ShownProgram[];
  bss: DumpedEntry[];
  rodata: DumpedEntry[];
  ops: DumpedEntry[];
}

/** The variables of a section, as bpftool formats them. */
function variables([entry]: DumpedEntry[], section: string): Record<string, unknown> {
  const value = entry?.formatted?.value as Record<string, Record<string, unknown>[]>;
  return Object.assign({}, ...(value[section] ?? []));
}

/** A value as JSON has it, where all numbers are floating-point ones. */
function plain(value: Value): unknown {
  switch (value.kind) {
    case 'int':
      return Number(value.value);
    case 'bool':
      return value.value;
    case 'array':
      // Only the last ones are left out, of CPUs that are not there.
      return [...value.elements.map(plain), ...Array.from({ length: value.omitted }, () => 0)];
    default:
      throw new Error(`a value of kind ${value.kind} was not expected`);
  }
}

function valuesOf(kernel: Kernel, mapName: string): Record<string, unknown> {
  const own = globals(kernel).filter(({ map: { name } }) => name === mapName);
  return Object.fromEntries(own.map(({ name, object }) => [name, plain(object.value())]));
}

function nameOf(data: Record<string, unknown>, id: number): string | undefined {
  return Object.keys(data).find((name) => data[name] === id);
}

const isBetween = (value: unknown, low: unknown, high: unknown): boolean =>
  Number(low) <= Number(value) && Number(value) <= Number(high);

/** The struct as the program has given it to the kernel. */
function structOpsOf({ ops: [entry] }: Look): Record<string, unknown> {
  const value = entry?.formatted?.value as Record<string, Record<string, unknown>> | undefined;
  return value?.data ?? {};
}

/** bpftool leaves out what is 0. */
function runsOf({ programs: all }: Look): (id: number) => { count: number; ns: number } {
  const byId = new Map(all.map((one) => [one.id, { count: one.run_cnt ?? 0, ns: one.run_time_ns ?? 0 }]));
  return (id) => byId.get(id) ?? { count: Number.NaN, ns: Number.NaN };
}

function shownAs({ id, name, type, tag, jitedBytes }: BpfProgram): ShownProgram {
  return { id, name, type, tag, bytes_jited: jitedBytes };
}

test("programs and variables of a scheduler are what the guest's own bpftool says", async () => {
  await using guest = await stopGuest(LOOK, { ...SHAPE, includeFiles: [bpftoolPath()] });
  const first = guest.told as Look;
  const kernel = Kernel.locate(guest.machine.memory, guest.info);

  const seen = programs(kernel);
  const middle = valuesOf(kernel, 'scx_ktst.bss');
  expect(seen.length).toBeGreaterThanOrEqual(11);
  expect(first.programs).toMatchObject(seen.map(shownAs));
  expect(seen.every(({ verifiedInsns }) => verifiedInsns > 0)).toBe(true);
  expect(valuesOf(kernel, 'scx_ktst.rodata')).toEqual(variables(first.rodata, '.rodata'));

  const ops = map(kernel, 'ktstr_ops');
  const data = structOpsOf(first);
  expect(ops.get('data.name').text()).toBe(data.name);
  for (const name of ['flags', 'timeout_ms', 'hotplug_seq'])
    expect([name, ops.get(`data.${name}`).number()]).toEqual([name, data[name]]);
  // For a function the guest is told the id of the program.
  for (const { id, attachedTo } of seen) expect([attachedTo, id]).toEqual([`sched_ext_ops.${nameOf(data, id)}`, id]);

  // The scheduler keeps an account of every thread, and for a moment of one that has ended.
  const owners = [...map(kernel, 'accounts').entries()].map(({ key }) => plain(key));
  expect(owners).toEqual(expect.arrayContaining([...tasks(kernel)].map(({ pid }) => pid)));
  expect(map(kernel, 'exited').ringbuf()).toMatchObject({
    sizeBytes: 4096,
    consumerPosition: 0n,
    producerPosition: 0n,
  });

  // The next look may have been on its way when the guest was paused.
  await guest.untilNext();
  const second = (await guest.untilNext()) as Look;
  const [low, high] = [variables(first.bss, '.bss'), variables(second.bss, '.bss')];
  expect(Object.keys(middle)).toEqual(Object.keys(low));
  for (const name of Object.keys(middle).filter((one) => one.startsWith('nr_')))
    expect([name, isBetween(middle[name], low[name], high[name])]).toEqual([name, true]);
  expect(Number(high.nr_local)).toBeGreaterThan(Number(low.nr_local));
  const [before, after] = [runsOf(first), runsOf(second)];
  for (const { id, name, stats } of seen) {
    const isRight = isBetween(stats?.runCount, before(id).count, after(id).count);
    expect([name, isRight && isBetween(stats?.runTimeNs, before(id).ns, after(id).ns)]).toEqual([name, true]);
  }
});

/** A task that gives a sign of life every 20 ms. All but the one that tells of it is under the scheduler, bpftool as well. */
const HEARTBEAT = `
  ${RUN}
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const switches = () => {
    const { stall, degrade } = Object.assign({}, ...bpftool('map', 'dump', 'name', 'scx_ktst.bss')[0].formatted.value['.bss']);
    return { stall, degrade };
  };
  const beat = 'setInterval(() => process.stdout.write("x"), 20)';
  const child = childProcess.spawn(process.execPath, ['-e', beat], { stdio: ['ignore', 'pipe', 'inherit'] });
  let beats = 0;
  child.stdout.on('data', () => beats++);
  const beating = async () => { for (const from = beats; beats < from + 5; ) await pause(20); };
  await beating();
  tell(switches());
  for (let before = -1; before !== beats; await pause(2000)) before = beats;
  tell({ pid: child.pid });
  await beating();
  tell(switches());
`;

test('switches of the scheduler that the host writes while the guest runs take effect', async () => {
  await using guest = await stopGuest(HEARTBEAT, { ...SHAPE, includeFiles: [bpftoolPath()] });
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  const [stall, degrade] = [global(kernel, 'stall'), global(kernel, 'degrade')];
  const started = global(kernel, 'nr_local');
  expect(guest.told).toEqual({ stall: 0, degrade: 0 });

  const before = started.big();
  const stalled = guest.untilNext();
  // The guest runs once a count of its scheduler goes on.
  while (started.big() === before) await new Promise((resolve) => setTimeout(resolve, 5));
  degrade.set(1);
  stall.set(1);
  const { pid } = (await stalled) as { pid: number };
  expect(global(kernel, 'nr_held').number()).toBeGreaterThan(0);
  const held = [...tasks(kernel)].find((task) => task.pid === pid);
  expect(held).toMatchObject({ schedClass: 'ext', isOnCpu: false, scx: { dsqId: HELD_DSQ } });

  stall.set(0);
  expect(await guest.untilNext()).toEqual({ stall: 0, degrade: 1 });
  expect(scxView(kernel)).toMatchObject({ state: 'ENABLED', ops: 'ktstr' });
});

test('what is asked for and is not there is told with what is', async () => {
  await using guest = await stopGuest('tell(1);', SHAPE);
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  expect(programs(kernel).every(({ stats }) => stats === null)).toBe(true);
  expect(() => map(kernel, 'ktstr_op')).toThrow(/"ktstr_op": there is none. There are: .*ktstr_ops/);
  expect(() => program(kernel, 'ktstr_enq')).toThrow(/"ktstr_enq": there is none. There are: .*ktstr_enqueue/);
  expect(() => global(kernel, 'stal')).toThrow(/"stal": there is none. There are: stall/);
  expect(() => map(kernel, 'scx_ktst.bss').get('stal')).toThrow(/variable of .bss "stal" in BTF: there is none.*stall/);
  expect(() => global(kernel, 'nr_cpus').set(1)).toThrow('the map is frozen');
  expect(() => global(kernel, 'stall').set(2 ** 32)).toThrow('write 4294967296 as u32: allowed is');
  expect(() => map(kernel, 'exited').arena()).toThrow('it is of type ringbuf. That is for arena');
  expect(() => map(kernel, 'delays').get('timer')).toThrow('begin with a key');
});
