import type { KernelLine } from './kernel-lines';

/** What the kernel said about a sched_ext scheduler. */
export interface SchedExtEvent {
  /** Name of the scheduler's `struct sched_ext_ops`. */
  ops: string;
  event: 'enabled' | 'disabled' | 'message';
  /** Why it was disabled, in the kernel's words, e.g. `runnable task stall`. */
  reason?: string;
  /** Details of an error, e.g. `worker[42] failed to run for 5.004s`; of `enabled`, `partial` when it does not run all tasks. */
  message?: string;
  /** Of the line on the whole console, from 1. */
  lineNumber: number;
}

/*
 * kernel/sched/ext.c, since 6.12: scx_ops_enable (since 6.16 scx_enable) and scx_ops_disable_workfn (since 6.16 scx_disable_workfn):
 *
 *   sched_ext: BPF scheduler "NAME" enabled[ (partial)]      informational, so not on a console of level 5
 *   sched_ext: BPF scheduler "NAME" disabled (REASON)        an error line when REASON is an error, else informational
 *   sched_ext: NAME: MESSAGE                                 after such an error, followed by the frames of a stack
 *
 * Reasons are those of scx_exit_reason(). Versions with sub-schedulers say "sub-scheduler" and have further reasons.
 */
const SWITCHED = /^sched_ext: BPF (?:sub-)?scheduler "([^"]*)" (enabled|disabled)(?: \((.*)\))?$/;
const MESSAGE = /^sched_ext: ([\w.]+): (.*)$/;

/** What the console says about sched_ext schedulers, in order. None of it is a splat. */
export function schedExtEvents(lines: readonly KernelLine[]): SchedExtEvent[] {
  return lines.flatMap(({ text, number }) => schedExtEvent(text, number) ?? []);
}

/** What one line of the kernel log, without what printk puts before it, says of a scheduler; null when nothing. */
export function schedExtEvent(text: string, lineNumber = 0): SchedExtEvent | null {
  const [, ops, event, detail] = SWITCHED.exec(text) ?? [];
  if (ops !== undefined && event === 'enabled')
    return { ops, event, ...(detail === undefined ? {} : { message: detail }), lineNumber };
  if (ops !== undefined && event === 'disabled')
    return { ops, event, ...(detail === undefined ? {} : { reason: detail }), lineNumber };
  const [, speaker, message] = MESSAGE.exec(text) ?? [];
  if (speaker === undefined || message === undefined) return null;
  return { ops: speaker, event: 'message', message, lineNumber };
}
