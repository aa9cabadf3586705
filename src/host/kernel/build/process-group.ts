import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';

export interface GroupCommand {
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  deadlineMs: number;
  /** Gets everything that the command prints, appended. */
  log: string;
  onLine?: (line: string) => void;
}

/**
 * The watcher reads from a pipe that only this process writes to: when this process ends, however it does, the whole group is killed,
 * with it every compiler that make has started.
 */
const WITH_WATCHER = '(read line <&3; kill -9 0) >/dev/null 2>&1 & exec "$@" 2>&1 3<&-';

/**
 * Runs a command with its descendants in a process group that ends with this process.
 * @returns undefined, or why it failed, e.g. `it exited with status 2`
 */
export async function runInGroup(request: GroupCommand): Promise<string | undefined> {
  const { command, args, cwd, env, deadlineMs } = request;
  const child = spawn('/bin/sh', ['-c', WITH_WATCHER, 'sh', command, ...args], {
    ...{ cwd, env, detached: true },
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  const lifeline = child.stdio[3] as Duplex;
  const output = child.stdout as Readable;
  // The watcher, killed by its own doing, may close its end first.
  lifeline.on('error', () => undefined);
  const log = createWriteStream(request.log, { flags: 'a' });
  output.pipe(log);
  createInterface({ input: output }).on('line', (line) => request.onLine?.(line));
  let reason: string | undefined;
  const killGroup = () => killAll(child.pid);
  const deadline = setTimeout(() => {
    reason = `it did not end within ${deadlineMs} ms`;
    killGroup();
  }, deadlineMs);
  // Before what removes its files at exit: compilers that live would go on adding to them.
  process.prependOnceListener('exit', killGroup);
  try {
    return await new Promise<string | undefined>((settle) => {
      child.on('error', (error) => settle(error.message));
      child.on('exit', () => lifeline.destroy());
      child.on('close', (status, signal) => log.close(() => settle(reason ?? describeEnd(command, status, signal))));
    });
  } finally {
    clearTimeout(deadline);
    process.removeListener('exit', killGroup);
  }
}

function killAll(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}

/** Status of the shell for a command that is not there. */
const NOT_FOUND = 127;

function describeEnd(command: string, status: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal !== null) return `it was ended by ${signal}`;
  if (status === NOT_FOUND) return `the command ${command} is not installed`;
  return status === 0 ? undefined : `it exited with status ${status}`;
}
