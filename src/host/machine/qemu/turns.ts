import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

import { HarnessError } from '../../../errors';
import { nativeProgram } from '../../../package-root';
import { FD } from './qemu-args';

const LIBRARY = 'libktstr_turns.so';
/** Of the thread that runs all vcpus in turn, as native/turns knows it. */
const VCPU_THREAD = 'ALL CPUs/TCG';

/** What makes the threads of QEMU take turns. By descriptor, since a path in LD_PRELOAD has neither spaces nor colons. */
export function openTurns(): Disposable & { fd: number; env: NodeJS.ProcessEnv } {
  const fd = openSync(nativeProgram(`host/${LIBRARY}`), 'r');
  const others = process.env['LD_PRELOAD'];
  const preload = [`/proc/self/fd/${FD.turns}`, ...(others ? [others] : [])].join(':');
  return { fd, env: { LD_PRELOAD: preload }, [Symbol.dispose]: () => closeSync(fd) };
}

/** That a QEMU which has started takes turns: the linker leaves out in silence what it cannot load. @throws {HarnessError} `machine-start` */
export function checkTurns(pid: number): void {
  const threads = readdirSync(`/proc/${pid}/task`).flatMap((tid) => nameOf(`/proc/${pid}/task/${tid}`));
  const problem = turnsProblem(readFileSync(`/proc/${pid}/maps`, 'utf8'), threads);
  if (problem !== null) {
    const remedy = 'Runs would not repeat exactly; use the emulated machine, or a QEMU that is linked dynamically';
    throw new HarnessError('machine-start', { machine: 'deterministic', reason: problem, remedy });
  }
}

function nameOf(task: string): string[] {
  try {
    return [readFileSync(`${task}/comm`, 'utf8').trimEnd()];
  } catch {
    // It has just ended.
    return [];
  }
}

/** @param maps of /proc/PID/maps @param threads the names of all threads */
export function turnsProblem(maps: string, threads: readonly string[]): string | null {
  if (!maps.includes(LIBRARY)) return `QEMU does not load ${LIBRARY}`;
  if (threads.includes(VCPU_THREAD)) return null;
  return `QEMU has no thread "${VCPU_THREAD}", its threads are ${threads.map((name) => `"${name}"`).join(', ')}`;
}
