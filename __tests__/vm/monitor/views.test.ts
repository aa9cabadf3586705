import { expect, jest, test } from '@jest/globals';

import { collectDump } from '../../../src/host/monitor/dump/collect-dump';
import { userDsqs } from '../../../src/host/monitor/kernel/dsq-view';
import { Kernel } from '../../../src/host/monitor/kernel/kernel';
import { runQueueView } from '../../../src/host/monitor/kernel/run-queue-view';
import { scxView } from '../../../src/host/monitor/kernel/scx-view';
import { tasks } from '../../../src/host/monitor/kernel/task-view';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { TestOptions } from '../../../src/spec/declare/options';
import { MACHINE_TIMEOUT_MS } from '../inline-test';
import { storedKey } from '../stored-kernel';
import { stopGuest } from './stopped-guest';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const BUILT = storedKey(true);
const CLOUD = storedKey(false);
const SHAPE = { llcs: 2, cores: 2 };

/**
 * What stays as it is while the guest waits: the tasks, a process that is stopped; and what hardly changes, the run queue of a CPU that a
 * real-time task does not leave.
 */
const BODY = `
  const read = (file) => fs.readFileSync(file, 'latin1');
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  fs.writeFileSync('/proc/sys/kernel/sched_rt_runtime_us', '-1');
  fs.writeFileSync('/sys/fs/cgroup/cgroup.subtree_control', '+cpuset');
  fs.mkdirSync('/sys/fs/cgroup/spin');
  fs.writeFileSync('/sys/fs/cgroup/spin/cpuset.cpus', '3');
  const spin = 'process.stdout.write("x"); for (;;);';
  const spinner = childProcess.spawn(process.execPath, ['-e', spin], { stdio: ['ignore', 'pipe', 'ignore'] });
  fs.writeFileSync('/sys/fs/cgroup/spin/cgroup.procs', String(spinner.pid));
  const stopped = childProcess.spawn('/ktstr/workers', { stdio: ['pipe', 'ignore', 'ignore'] });
  stopped.kill('SIGSTOP');
  while (!read('/proc/' + stopped.pid + '/stat').split(') ')[1].startsWith('T')) await pause(10);
  await new Promise((resolve) => spinner.stdout.once('data', resolve));
  await pause(200);
  const cpu3 = () => read('/proc/schedstat').split('\\n').find((line) => line.startsWith('cpu3'));
  const threads = fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).flatMap((pid) =>
    fs.readdirSync('/proc/' + pid + '/task').map((tid) => ({
      pid: Number(tid), tgid: Number(pid), comm: read('/proc/' + pid + '/task/' + tid + '/comm').trim(),
    })));
  tell({ threads, stopped: { pid: stopped.pid, schedstat: read('/proc/' + stopped.pid + '/schedstat').trim(),
      policy: Number(read('/proc/' + stopped.pid + '/stat').split(') ')[1].split(' ')[38]) }, cpu3: cpu3(), spinner: spinner.pid });
  for (;;) {
    await pause(200);
    tell({ cpu3: cpu3() });
  }
`;

interface Told {
  threads: { pid: number; tgid: number; comm: string }[];
  stopped: { pid: number; schedstat: string; policy: number };
  /** Line of /proc/schedstat. */
  cpu3: string;
  spinner: number;
}

/** The kernel's own tasks come in between the guest's look at the CPU and ours, some times a second. */
const LOOKS = 30;

/** As /proc/schedstat has it; field 2 is a counter of old that is always 0: show_schedstat() of kernel/sched/stats.c. */
function schedstatLine(kernel: Kernel, cpu: number): string {
  const { schedstat: s } = runQueueView(kernel, cpu);
  const switches = `${s?.yldCount} 0 ${s?.schedCount} ${s?.schedGoidle} ${s?.ttwuCount} ${s?.ttwuLocal}`;
  return `cpu${cpu} ${switches} ${s?.runCpuTimeNs} ${s?.runDelayNs} ${s?.runCount}`;
}

/** Of its own threads the kernel shows longer names than they have, and of a kworker what it works on. */
function identity({ pid, tgid, comm }: Told['threads'][number]): Told['threads'][number] {
  return { pid, tgid, comm: comm.slice(0, 15).replace(/^kworker.*/, 'kworker') };
}

const ROWS: { name: string; options: TestOptions }[] = [
  { name: 'the built kernel', options: { kernel: BUILT } },
  { name: "Debian's cloud kernel", options: { kernel: CLOUD } },
];

test.each(ROWS)("views of a paused machine equal the guest's own figures: $name", async ({ options }) => {
  await using guest = await stopGuest(BODY, { ...SHAPE, ...options });
  const { threads, stopped, cpu3, spinner } = guest.told as Told;
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  const byPid = (a: { pid: number }, b: { pid: number }): number => a.pid - b.pid;

  const seen = [...tasks(kernel)];
  expect(seen.map(identity).toSorted(byPid)).toEqual(threads.map(identity).toSorted(byPid));
  expect(kernel.cpuCount).toBe(4);

  const task = seen.find(({ pid }) => pid === stopped.pid);
  const { object } = task ?? {};
  const schedstat = [
    task?.sumExecRuntimeNs,
    object?.get('sched_info.run_delay').big(),
    object?.get('sched_info.pcount').big(),
  ];
  expect(task?.schedClass).toBe(stopped.policy === 0 ? 'fair' : 'rt');
  expect(schedstat.join(' ')).toBe(stopped.schedstat);

  const { curr, isIdle } = runQueueView(kernel, 3);
  expect({ cpu: curr.cpu, isOnCpu: curr.isOnCpu, isIdle }).toEqual({ cpu: 3, isOnCpu: true, isIdle: false });
  // Of the tasks that are real-time, it is one of the process that is bound to this CPU unless the harness has just come by.
  const bound = threads.filter(({ tgid }) => tgid === spinner).map(({ pid }) => pid);
  expect(bound).toContain(spinner);
  expect([...bound, 1]).toContain(curr.pid);
  let [own, told] = [schedstatLine(kernel, 3), cpu3];
  for (let look = 1; own !== told && look < LOOKS; look++) {
    told = ((await guest.untilNext()) as Told).cpu3;
    own = schedstatLine(kernel, 3);
  }
  expect(own).toBe(told);
});

test('sched_ext is seen with its scheduler, its watchdog and its tasks', async () => {
  const scheduler = Scheduler.binary({ name: 'scx_ktstr', watchdogTimeoutMs: 7000 });
  await using guest = await stopGuest('tell(fs.readFileSync("/sys/kernel/sched_ext/root/ops", "utf8").trim());', {
    ...SHAPE,
    kernel: BUILT,
    scheduler,
  });
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  expect(guest.told).toBe('ktstr');
  expect(scxView(kernel)).toEqual({
    state: 'ENABLED',
    ops: 'ktstr',
    exitKind: 'SCX_EXIT_NONE',
    watchdogTimeoutMs: 7000,
  });
  const classes = new Set([...tasks(kernel)].map(({ schedClass }) => schedClass));
  expect(classes).toContain('ext');
  expect(classes).not.toContain('fair');
});

test('the tasks that wait under a scheduler are seen in its DSQs', async () => {
  const crowd = `void executeDefs(ctx, [CgroupDef.named('crowd').workers(8)], Hold.fixed(60_000));`;
  const settled = `await new Promise((resolve) => setTimeout(resolve, 1500)); tell(1);`;
  const scheduler = Scheduler.binary({ name: 'scx_ktstr' });
  await using guest = await stopGuest(`${crowd} ${settled}`, { ...SHAPE, kernel: BUILT, scheduler });
  const registers = await guest.machine.registers();
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  const workers = [...tasks(kernel)].filter(({ comm }) => comm === 'SpinWait');
  const queues = registers.map((_, cpu) => runQueueView(kernel, cpu));
  const dsqs = userDsqs(kernel);

  expect(workers).toHaveLength(8);
  // Each of them runs, or is in a queue of the scheduler's or of a CPU's own.
  const pidsOf = (list: readonly { pid: number }[]): number[] => list.map(({ pid }) => pid).toSorted((a, b) => a - b);
  const queued = [...dsqs.flatMap((dsq) => dsq.tasks), ...queues.flatMap(({ scx }) => scx?.localDsq() ?? [])];
  const waiting = workers.filter(({ isOnCpu }) => !isOnCpu);
  expect(waiting.length).toBeGreaterThanOrEqual(4);
  expect(pidsOf(queued)).toEqual(expect.arrayContaining(pidsOf(waiting)));
  for (const dsq of dsqs) {
    expect(dsq.tasks).toHaveLength(dsq.depth);
    expect(dsq.tasks.map(({ scx }) => scx?.dsqId)).toEqual(dsq.tasks.map(() => dsq.id));
  }
  expect(dsqs.some(({ depth }) => depth > 0)).toBe(true);
  const listed = queues.flatMap(({ scx }) => scx?.waiting() ?? []);
  expect(pidsOf(listed.filter(({ comm }) => comm === 'SpinWait'))).toEqual(pidsOf(waiting));

  const dump = collectDump({ memory: guest.machine.memory, registers, kernel: null });
  expect(dump.unavailable).toEqual([]);
  const [longest] = dump.sched?.waiting.filter(({ comm }) => comm === 'SpinWait') ?? [];
  expect(longest).toMatchObject({ schedClass: 'ext', queue: expect.stringMatching(/DSQ/) });
  expect(longest?.stack.join(' ')).toContain('schedule+');
});

test('accessors name what there is', async () => {
  await using guest = await stopGuest('tell(1);', { kernel: BUILT, cores: 2 });
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  const { curr, object } = runQueueView(kernel, 0);
  expect(() => object.get('nr_runing')).toThrow(/nr_running/);
  expect(() => runQueueView(kernel, 2)).toThrow('CPU 2: there are 2');
  expect(object.get('curr.comm').text()).toBe(curr.comm);
});
