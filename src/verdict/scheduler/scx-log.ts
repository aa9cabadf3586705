import type { KernelVerdict } from './scheduler-run';

/** What one line of the kernel log says of sched_ext: kernel/sched/ext.c, since 6.12. */
export type ScxLine =
  | { kind: 'enabled'; ops: string }
  | { kind: 'disabled'; ops: string; reason: string }
  | { kind: 'message'; ops: string; message: string };

const ENABLED = /^sched_ext: (?:BPF scheduler )?"([^"]*)" enabled/;
const DISABLED = /^sched_ext: (?:BPF scheduler )?"([^"]*)" disabled \((.*)\)$/;
const MESSAGE = /^sched_ext: ([^\s:"]+): (.*)$/;

/** Null for a line that says nothing of a scheduler. */
export function parseScxLine(line: string): ScxLine | null {
  const disabled = DISABLED.exec(line);
  if (disabled) return { kind: 'disabled', ops: disabled[1] ?? '', reason: disabled[2] ?? '' };
  const enabled = ENABLED.exec(line);
  if (enabled) return { kind: 'enabled', ops: enabled[1] ?? '' };
  const message = MESSAGE.exec(line);
  return message ? { kind: 'message', ops: message[1] ?? '', message: message[2] ?? '' } : null;
}

/** The verdict that lines of a kernel log hold; null when no scheduler was switched off in them. */
export function kernelVerdict(lines: readonly string[]): KernelVerdict | null {
  const parsed = lines.flatMap((line) => parseScxLine(line) ?? []);
  const at = parsed.findLastIndex((line) => line.kind === 'disabled');
  const disabled = parsed[at];
  if (disabled?.kind !== 'disabled') return null;
  const next = parsed[at + 1];
  return { reason: disabled.reason, message: next?.kind === 'message' ? next.message : null };
}
