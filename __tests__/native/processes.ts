import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { scaledMs } from '../../src/spec/time-scale';

const DEADLINE_MS = 10_000;
const POLL_MS = 5;

/** Waits until a condition holds. @throws {Error} after the deadline, by default 10 s, naming the condition */
export async function waitUntil(what: string, holds: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
  const limitMs = scaledMs(deadlineMs);
  const deadline = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms until ${what}`);
    await setTimeout(POLL_MS);
  }
}

/** False for a zombie: it runs no more, whoever is to reap it. */
export function isRunning(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** True for a zombie, too. */
export function isPresent(pid: number): boolean {
  return stateOf(pid) !== undefined;
}

export function isZombie(pid: number): boolean {
  return stateOf(pid) === 'Z';
}

/** Policy as sched_getscheduler(2) gives it, and the parent. */
export function schedulingOf(pid: number): { policy: number; parent: number } {
  const fields = statFields(pid);
  return { policy: Number(fields[38]), parent: Number(fields[1]) };
}

function stateOf(pid: number): string | undefined {
  return statFields(pid)[0];
}

/** The fields of /proc/<pid>/stat from the third, `state`, on; none when there is no such process. */
function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
