import { findSplats, type ConsoleFinding } from './find-splats';
import { kernelLines } from './kernel-lines';
import { schedExtEvents, type SchedExtEvent } from './sched-ext-lines';

export interface ConsoleReport {
  findings: ConsoleFinding[];
  schedExt: SchedExtEvent[];
}

/** Reads the kernel console of one boot. */
export function parseConsole(console: string): ConsoleReport {
  const lines = kernelLines(console);
  return { findings: findSplats(lines), schedExt: schedExtEvents(lines) };
}
