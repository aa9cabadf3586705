import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessIdentity, identifyProcess, isRunning } from './process-identity';

const SCRATCH_NAME = /^\.scratch-(\d+)-(\d+)-[0-9a-f]{12}$/;

/** A path in `directory` that no other call gets, in any process, and that tells whose it is. Nothing is created. */
export function scratchPath(directory: string): string {
  const { pid, startTicks } = ownIdentity();
  return join(directory, `.scratch-${pid}-${startTicks}-${randomBytes(6).toString('hex')}`);
}

/** Removes what processes that are gone left at their scratch paths. */
export function sweepScratch(directory: string): void {
  for (const name of readdirSync(directory)) {
    const [, pid, startTicks] = SCRATCH_NAME.exec(name) ?? [];
    if (pid === undefined || startTicks === undefined || isRunning({ pid: Number(pid), startTicks })) continue;
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}

export function ownIdentity(): ProcessIdentity {
  const identity = identifyProcess(process.pid);
  if (identity === null) throw new Error('identify this process: /proc is not readable');
  return identity;
}
