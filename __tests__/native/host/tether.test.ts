import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { beforeAll, expect, test } from '@jest/globals';

import { isRunning, waitUntil } from '../processes';
import { builtProgram } from '../programs';

let tether: string;

beforeAll(() => {
  tether = builtProgram('host/tether');
});

test('tether ends its command when its parent is killed by SIGKILL', async () => {
  const script = `"${tether}" $$ sleep 60 & echo $!; wait`;
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const command = Number(line.toString());
  expect(isRunning(command)).toBe(true);

  parent.kill('SIGKILL');

  await waitUntil('the command is gone', () => !isRunning(command));
});

test.each([
  { name: 'its parent is another process', args: ['1', 'true'], status: 125 },
  { name: 'the parent is not a number', args: ['x', 'true'], status: 125 },
  { name: 'there is no command', args: [String(process.pid)], status: 125 },
  { name: 'the command does not exist', args: [String(process.pid), '/nonexistent'], status: 127 },
  { name: 'the command exits with 7', args: [String(process.pid), 'sh', '-c', 'exit $1', 'sh', '7'], status: 7 },
])('tether exits with $status when $name', ({ args, status }) => {
  expect(spawnSync(tether, args).status).toBe(status);
});
