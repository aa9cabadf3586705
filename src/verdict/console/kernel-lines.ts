import { stripVTControlCharacters } from 'node:util';

/** One line that the kernel printed, without the prefix that printk puts before it. */
export interface KernelLine {
  text: string;
  /** Position on the whole console, from 1. */
  number: number;
  /** Seconds since boot; null when the kernel prints no times. */
  atS: number | null;
  /** `T12` or `C0` where the kernel names who printed, else empty. */
  caller: string;
}

/** `<4>[    1.234567][   T12] text`. Found in the middle of a line too: a program may have left one unfinished. */
const STAMPED = /(?:<\d+>)?\[ *(\d+\.\d{6})\](?:\[ *([TC]\d+)[^\]]*\])? ?(.*)$/s;
const UNSTAMPED = /^(?:<\d+>)?(?:\[ *([TC]\d+)[^\]]*\] )?(.*)$/s;

/** The kernel's decompressor knows no time. */
const DECOMPRESSOR = /^Booting the kernel\b/;

/**
 * The lines of the kernel among those of programs, which share its console: where the kernel prints the time, a line without one is none of
 * its own. A kernel without times (`printk.time=0`) cannot be told from programs, so that every line counts.
 */
export function kernelLines(console: string): KernelLine[] {
  const lines = console
    .split('\n')
    .map((line, index) => ({ text: stripVTControlCharacters(line).trimEnd(), number: index + 1 }))
    .filter(({ text }) => text !== '');
  const stamped = lines.flatMap((line) => stampedLine(line) ?? []);
  if (stamped.every(({ atS }) => atS === null)) return lines.map(unstampedLine);
  return stamped;
}

type RawLine = Pick<KernelLine, 'text' | 'number'>;

function stampedLine({ text, number }: RawLine): KernelLine | null {
  const [, time, caller = '', rest = ''] = STAMPED.exec(text) ?? [];
  if (time !== undefined) return { text: rest, number, atS: Number(time), caller };
  return DECOMPRESSOR.test(text) ? { text, number, atS: null, caller: '' } : null;
}

function unstampedLine({ text, number }: RawLine): KernelLine {
  const [, caller = '', rest = ''] = UNSTAMPED.exec(text) ?? [];
  return { text: rest, number, atS: null, caller };
}
