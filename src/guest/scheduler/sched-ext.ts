import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = '/sys/kernel/sched_ext';
const TRACING = '/sys/kernel/tracing';
const DUMP_EVENT = `${TRACING}/events/sched_ext/sched_ext_dump/enable`;
/** Enough for the dump of a machine with many CPUs; by default tracing takes ten times as much of each CPU's memory. */
const TRACE_BUFFER_KIB = 128;
const MAX_DUMP_LINES = 400;

/** Whether the kernel has the sched_ext class. */
export function hasSchedExt(): boolean {
  return existsSync(`${ROOT}/state`);
}

/** `disabled`, `enabling`, `enabled` or `disabling`. */
export function schedExtState(): string {
  return read(`${ROOT}/state`) ?? 'disabled';
}

/** What the attached scheduler calls itself; null when there is none. */
export function attachedOps(): string | null {
  return read(`${ROOT}/root/ops`);
}

const STATE_POLL_MS = 2;

/** Waits until no scheduler is attached. The state has no event of its own; its change follows the kernel's last word at once. */
export async function detached(deadlineMs: number): Promise<boolean> {
  for (let waitedMs = 0; schedExtState() !== 'disabled'; waitedMs += STATE_POLL_MS) {
    if (waitedMs > deadlineMs) return false;
    await delay(STATE_POLL_MS);
  }
  return true;
}

/** Has the kernel take the attached scheduler off, which works when nothing else is scheduled any more. */
export function forceDetach(): void {
  if (existsSync('/proc/sysrq-trigger')) writeFileSync('/proc/sysrq-trigger', 'S');
}

/** From here on the debug dump of an error exit is kept by the kernel. Does nothing on a kernel without that trace event. */
export function keepDumps(): void {
  if (!existsSync(DUMP_EVENT)) return;
  writeFileSync(`${TRACING}/buffer_size_kb`, String(TRACE_BUFFER_KIB));
  writeFileSync(DUMP_EVENT, '1');
}

/** Lines of the last debug dump, which are then forgotten. */
export function takeDump(): string[] {
  if (!existsSync(DUMP_EVENT)) return [];
  const trace = readFileSync(`${TRACING}/trace`, 'utf8');
  writeFileSync(`${TRACING}/trace`, '');
  const lines = trace.split('\n').flatMap((line) => /sched_ext_dump: (.*)$/.exec(line)?.[1] ?? []);
  return lines.slice(0, MAX_DUMP_LINES);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // The folder of a scheduler comes and goes with it.
    return null;
  }
}
