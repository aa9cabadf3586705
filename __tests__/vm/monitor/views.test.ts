import { expect, jest, test } from '@jest/globals';

import { cacheDir, storedKernels } from '../../../src/host/kernel/store';
import { Kernel } from '../../../src/host/monitor/kernel/kernel';
import { runQueueView } from '../../../src/host/monitor/kernel/run-queue-view';
import { scxView } from '../../../src/host/monitor/kernel/scx-view';
import { tasks } from '../../../src/host/monitor/kernel/task-view';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { TestOptions } from '../../../src/spec/declare/options';
import { MACHINE_TIMEOUT_MS } from '../inline-test';
import { stopGuest } from './stopped-guest';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const kernels = storedKernels(cacheDir(process.env));
const BUILT = kernels.find(({ schedExt }) => schedExt)?.key ?? '';
const CLOUD = kernels.find(({ schedExt }) => !schedExt)?.key ?? '';
const SHAPE = { llcs: 2, cores: 2 };

/**
 * What stays as it is while the guest waits: the tasks, a process that is stopped, and the figures of the CPUs on which nothing runs any more,
 * once two looks at them agree.
 */
const BODY = `
  const read = (file) => fs.readFileSync(file, 'latin1');
  const stopped = childProcess.spawn('/ktstr/workers', { stdio: ['pipe', 'ignore', 'ignore'] });
  stopped.kill('SIGSTOP');
  const isStopped = () => read('/proc/' + stopped.pid + '/stat').split(') ')[1].startsWith('T');
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  while (!isStopped()) await pause(10);
  const cpus = () => read('/proc/schedstat').split('\\n').filter((line) => line.startsWith('cpu'));
  let [before, after] = [[], cpus()];
  for (let look = 0; look < 20 && after.filter((line, cpu) => line === before[cpu]).length < 3; look++) {
    await pause(300);
    [before, after] = [after, cpus()];
  }
  const threads = fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).flatMap((pid) => fs.readdirSync('/proc/' + pid + '/task').map((tid) => {
    const status = read('/proc/' + pid + '/task/' + tid + '/comm').trim();
    return { pid: Number(tid), tgid: Number(pid), comm: status };
  }));
  tell({
    threads,
    stopped: { pid: stopped.pid, schedstat: read('/proc/' + stopped.pid + '/schedstat').trim() },
    quiet: after.filter((line, cpu) => line === before[cpu]),
  });
`;

interface Told {
  threads: { pid: number; tgid: number; comm: string }[];
  stopped: { pid: number; schedstat: string };
  quiet: string[];
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
  const { threads, stopped, quiet } = guest.told as Told;
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
  expect(task?.schedClass).toBe('rt');
  expect(schedstat.join(' ')).toBe(stopped.schedstat);

  expect(quiet.length).toBeGreaterThan(0);
  const own = quiet.map((line) => {
    const cpu = Number(/^cpu(\d+)/.exec(line)?.[1]);
    const { schedstat: s } = runQueueView(kernel, cpu);
    // Field 2 is a counter of old that is always 0: kernel/sched/stats.c, show_schedstat().
    return `cpu${cpu} ${s?.yldCount} 0 ${s?.schedCount} ${s?.schedGoidle} ${s?.ttwuCount} ${s?.ttwuLocal} ${s?.runCpuTimeNs} ${s?.runDelayNs} ${s?.runCount}`;
  });
  expect(own).toEqual(quiet);
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

test('accessors name what there is', async () => {
  await using guest = await stopGuest('tell(1);', { kernel: BUILT, cores: 2 });
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  const { curr, object } = runQueueView(kernel, 0);
  expect(() => object.get('nr_runing')).toThrow(/nr_running/);
  expect(() => runQueueView(kernel, 2)).toThrow('CPU 2: there are 2');
  expect(object.get('curr.comm').text()).toBe(curr.comm);
});
