import { kernelLines } from './kernel-lines';
import { schedExtEvent } from './sched-ext-lines';

/** Reasons that are nobody's error: the scheduler has left, or was told to. */
const ASKED = /^(unregistered from|disabled by sysrq)/;

/** A scheduler that the kernel switched off for an error. */
export interface SwitchedOff {
  /** Seconds since boot; null when the kernel prints no times. */
  atS: number | null;
  reason: string;
}

/** The first scheduler that a console says was switched off for an error, in its whole lines; null when there is none. */
export function switchedOff(console: string): SwitchedOff | null {
  const whole = console.slice(0, console.lastIndexOf('\n') + 1);
  for (const { text, atS } of kernelLines(whole)) {
    const { event, reason } = schedExtEvent(text) ?? {};
    if (event === 'disabled' && reason !== undefined && !ASKED.test(reason)) return { atS, reason };
  }
  return null;
}
