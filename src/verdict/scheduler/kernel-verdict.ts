import { schedExtEvent } from '../console/sched-ext-lines';
import type { KernelVerdict } from './scheduler-run';

/** The verdict that lines of a kernel log hold; null when no scheduler was switched off in them. */
export function kernelVerdict(lines: readonly string[]): KernelVerdict | null {
  const events = lines.flatMap((line) => schedExtEvent(line) ?? []);
  const at = events.findLastIndex(({ event }) => event === 'disabled');
  const disabled = events[at];
  if (!disabled) return null;
  const next = events[at + 1];
  return { reason: disabled.reason ?? '', message: (next?.event === 'message' && next.message) || null };
}
