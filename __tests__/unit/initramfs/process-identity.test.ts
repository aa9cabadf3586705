import { afterEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { commandOf, identifyProcess, isRunning } from '../../../initramfs/process-identity';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function start(command: string, args: string[]): Promise<ChildProcess & { pid: number }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

describe('identifyProcess()', () => {
  test('gives the same identity for the same process and another one for another', async () => {
    const own = identifyProcess(process.pid);
    expect(identifyProcess(process.pid)).toEqual(own);
    const { pid } = await start('sleep', ['60']);
    expect(identifyProcess(pid)).toMatchObject({ pid });
    expect(identifyProcess(pid)?.startTicks).not.toBe(own?.startTicks);
  });

  test('reads past a name with spaces and parentheses', async () => {
    symlinkSync('/bin/sleep', temp.path('a) R (b'));
    const { pid } = await start(temp.path('a) R (b'), ['60']);
    expect(identifyProcess(pid)?.startTicks).toMatch(/^\d{2,}$/);
  });

  test('is null for a process that ended and was not reaped', async () => {
    // The shell turns into a sleep, which does not wait for the child that the shell had; the child ends only then.
    const child = '(until grep -qx sleep /proc/$$/comm; do :; done)';
    const { stdout } = await start('sh', ['-c', `${child} & echo $!; exec sleep 60`]);
    const [line] = (await once(stdout!, 'data')) as [Buffer];
    const zombie = Number(String(line));
    for (const deadline = Date.now() + 10_000; identifyProcess(zombie) !== null;) {
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    process.kill(zombie, 0);
  });
});

describe('isRunning()', () => {
  test('is true until the process is gone', async () => {
    const child = await start('sleep', ['60']);
    const identity = identifyProcess(child.pid)!;
    expect(isRunning(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
  });

  test('is false for another process with the same pid', () => {
    expect(isRunning({ pid: process.pid, startTicks: '1' })).toBe(false);
  });
});

test('commandOf() gives the command line, or nothing for no process', async () => {
  const { pid } = await start('sleep', ['60']);
  expect(commandOf(pid)).toBe('sleep 60');
  expect(commandOf(2 ** 22 + 1)).toBe('');
});
