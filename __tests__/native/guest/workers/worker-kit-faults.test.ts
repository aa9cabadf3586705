import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { beforeAll, expect, test } from '@jest/globals';

import { KitProcess } from '../../../../src/guest/workers/kit-process';
import { WorkerKit, type WorkerGroup } from '../../../../src/guest/workers/worker-kit';
import type { WorkTypeName } from '../../../../src/spec/workload/work-spec';
import { isRunning, waitUntil } from '../../processes';
import { builtProgram } from '../../programs';

const ENOENT = 2;
const EINVAL = 22;

let program: string;

beforeAll(() => {
  program = builtProgram('guest/workers');
});

const group: WorkerGroup = { cgroup: 'left', cgroupDir: null, workers: 1, workType: 'SpinWait', seed: 1 };

test('WorkerKit.launch() throws worker-kit-launch when there is no such program', async () => {
  await expect(WorkerKit.launch('/nonexistent/workers')).rejects.toMatchObject({
    code: 'worker-kit-launch',
    fields: { program: '/nonexistent/workers' },
  });
});

test.each([
  { name: 'the cgroup does not exist', fields: { cgroupDir: '/nonexistent' }, what: 'cgroup', errno: ENOENT },
  { name: 'the folder is no cgroup', fields: { cgroupDir: '/tmp' }, what: 'cgroup.procs', errno: ENOENT },
  { name: 'the work type is unknown', fields: { workType: 'Nap' as WorkTypeName }, what: 'work-type', errno: ENOENT },
  { name: 'there are no workers', fields: { workers: 0 }, what: 'group', errno: EINVAL },
  { name: 'the seed is negative', fields: { seed: -1 }, what: 'group', errno: EINVAL },
])('WorkerKit.spawn() throws worker-kit-error when $name', async ({ fields, what, errno }) => {
  await using kit = await WorkerKit.launch(program);
  kit.addGroup({ ...group, ...fields });

  await expect(kit.spawn()).rejects.toMatchObject({ code: 'worker-kit-error', fields: { what, errno } });
  await expect(kit.stop()).rejects.toMatchObject({ code: 'worker-kit-error', fields: { what, errno } });
});

test('WorkerKit.addGroup() throws when the path of the cgroup has white space in it', async () => {
  await using kit = await WorkerKit.launch(program);

  expect(() => kit.addGroup({ ...group, cgroupDir: '/sys/fs/cgroup/two words' })).toThrow(TypeError);
});

test('WorkerKit throws worker-kit-gone when the kit has ended', async () => {
  await using kit = await WorkerKit.launch('/bin/true');

  await expect(kit.spawn()).rejects.toMatchObject({ code: 'worker-kit-gone', fields: { lastSeen: 'nothing' } });
});

test('WorkerKit throws worker-kit-garbled when the kit says what it cannot say', async () => {
  await using kit = await WorkerKit.launch('/bin/cat');

  await expect(kit.start()).rejects.toMatchObject({
    code: 'worker-kit-garbled',
    fields: { waitingFor: 'start', got: '"start"' },
  });
});

test('KitProcess.ask() throws worker-kit-silent when no answer comes in time', async () => {
  // `tail` says nothing before the end of its input.
  await using kit = await KitProcess.launch('/usr/bin/tail', { deadlineMs: 50 });

  await expect(kit.ask('spawn', () => 'foreign')).rejects.toMatchObject({
    code: 'worker-kit-silent',
    fields: { waitingFor: 'spawn', limitMs: 50, lastSeen: 'nothing' },
  });
});

test.each([
  { name: 'stdin ends', end: 'stdin', status: 0 },
  { name: 'it is told to quit', end: 'quit', status: 0 },
  { name: 'it is killed by SIGKILL', end: 'SIGKILL', status: null },
] as const)('the kit leaves no worker behind when $name', async ({ end, status }) => {
  const kit = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(kit, 'close');
  let output = '';
  kit.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  kit.stdin.write('group 0 - 3 SpinWait 1\nspawn\nstart\n');
  await waitUntil('the workers run', () => output.includes('started'));
  const pids = [...output.matchAll(/^worker 0 \d (\d+)$/gm)].map(([, pid]) => Number(pid));
  expect(pids.map(isRunning)).toEqual([true, true, true]);

  if (end === 'quit') kit.stdin.write('quit\n');
  else if (end === 'stdin') kit.stdin.end();
  else kit.kill(end);

  const [code] = (await closed) as [number | null];
  expect(code).toBe(status);
  await waitUntil('the workers are gone', () => !pids.some(isRunning));
});
