import { readFileSync } from 'node:fs';

/** Of USER_HZ, in which /proc/stat counts on every architecture of Linux that Node runs on. */
const MS_PER_TICK = 10;
/** Fields of the first line of /proc/stat that are not idle, waiting, or another host's: user, nice, system, irq, softirq. */
const BUSY_FIELDS = [1, 2, 3, 6, 7];

/** Milliseconds that the host's CPUs have been busy, all together, since it booted. */
export function hostBusyMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  return busyMsOf(line);
}

/** @param line the first one of /proc/stat */
export function busyMsOf(line: string): number {
  const fields = line.split(/\s+/);
  return BUSY_FIELDS.reduce((sum, field) => sum + Number(fields[field] ?? 0), 0) * MS_PER_TICK;
}
