/** What the worker kit says: native/guest/workers/kit.h lists the lines. */
export type KitEvent =
  | { kind: 'worker'; group: number; index: number; pid: number }
  | { kind: 'ready' }
  | { kind: 'started'; atNs: number }
  | { kind: 'iterations'; sum: number }
  | { kind: 'reports'; reports: Buffer[] }
  | { kind: 'died'; group: number; index: number; status: number }
  | { kind: 'error'; what: string; errno: number; text: string }
  | { kind: 'garbled'; line: string };

/** The header of a block of raw reports. */
interface ReportsHeader {
  count: number;
  bytesEach: number;
}

const LINES: readonly [RegExp, (fields: string[]) => KitEvent][] = [
  [
    /^worker (\d+) (\d+) (\d+)$/,
    ([g, i, p]) => ({ kind: 'worker', group: Number(g), index: Number(i), pid: Number(p) }),
  ],
  [/^ready$/, () => ({ kind: 'ready' })],
  [/^started (\d+)$/, ([atNs]) => ({ kind: 'started', atNs: Number(atNs) })],
  [/^iterations (\d+)$/, ([sum]) => ({ kind: 'iterations', sum: Number(sum) })],
  [
    /^died (\d+) (\d+) (\d+)$/,
    ([g, i, s]) => ({ kind: 'died', group: Number(g), index: Number(i), status: Number(s) }),
  ],
  [
    /^error (\S+) (\d+) (.*)$/,
    ([what = '', errno, text = '']) => ({ kind: 'error', what, errno: Number(errno), text }),
  ],
];

const REPORTS_LINE = /^reports (\d+) (\d+)$/;
const NEWLINE = 0x0a;

/** Cuts a kit's output, in chunks of any size, into events. Lines are text; the reports behind a `reports` line are raw bytes. */
export function readKitOutput(onEvent: (event: KitEvent) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let header: ReportsHeader | undefined;

  const takeReports = ({ count, bytesEach }: ReportsHeader): boolean => {
    const length = count * bytesEach;
    if (rest.length < length) return false;
    const reports = Array.from({ length: count }, (_, i) => rest.subarray(i * bytesEach, (i + 1) * bytesEach));
    rest = rest.subarray(length);
    header = undefined;
    onEvent({ kind: 'reports', reports });
    return true;
  };

  const takeLine = (): boolean => {
    const end = rest.indexOf(NEWLINE);
    if (end < 0) return false;
    const line = rest.toString('utf8', 0, end);
    rest = rest.subarray(end + 1);
    const reports = REPORTS_LINE.exec(line);
    if (reports) header = { count: Number(reports[1]), bytesEach: Number(reports[2]) };
    else onEvent(eventOf(line));
    return true;
  };

  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (header ? takeReports(header) : takeLine());
  };
}

function eventOf(line: string): KitEvent {
  for (const [pattern, toEvent] of LINES) {
    const match = pattern.exec(line);
    if (match) return toEvent(match.slice(1));
  }
  return { kind: 'garbled', line };
}
