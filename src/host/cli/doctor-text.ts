import { styleText } from 'node:util';
import { PURPOSES, type Check, type Purpose } from '../doctor/check';
import { lacksForDemo, type Report } from '../doctor/examine';
import type { KernelRow } from '../doctor/kernel-rows';

const SYMBOL = { ok: '✓', warn: '!', missing: '✗' } as const;

interface Line {
  status: Check['status'];
  colour: Colour;
  name: string;
  text: string;
  remedy: string | null;
}

type Colour = 'green' | 'yellow' | 'red';
type Paint = (format: Colour | 'bold' | 'cyan', text: string) => string;

export interface Look {
  isColoured: boolean;
  /** Longer lines are broken between words. */
  columns: number;
}

/** The report for a reader: a block per purpose, a line per check, the remedy under it, the verdict last. */
export function reportText(report: Report, { isColoured, columns }: Look): string {
  const paint: Paint = isColoured ? (format, text) => styleText(format, text) : (_, text) => text;
  const nameColumns = Math.max(...report.checks.map(({ name }) => name.length));
  const blocks = blocksOf(report).map(({ title, lines }) => {
    // Releases are longer than any name of a check.
    const nameWidth = Math.max(nameColumns, ...lines.map(({ name }) => name.length));
    return [paint('bold', title), ...lines.map((line) => lineText(line, { nameWidth, columns, paint }))].join('\n');
  });
  return [...blocks, verdictText(report, paint)].join('\n\n');
}

function blocksOf({ checks, kernels }: Report): { title: string; lines: Line[] }[] {
  const purposes = Object.keys(PURPOSES) as Purpose[];
  const blocks = purposes.map((purpose) => ({
    title: PURPOSES[purpose],
    lines: checks.filter(({ neededFor }) => neededFor === purpose).map(checkLine),
  }));
  const stored = { title: 'Kernels in the cache', lines: kernels.map(kernelLine) };
  return [...blocks, stored].filter(({ lines }) => lines.length > 0);
}

function checkLine({ name, status, neededFor, found, remedy }: Check): Line {
  const isAlarm = status === 'missing' && neededFor === 'demo';
  return { status, colour: status === 'ok' ? 'green' : isAlarm ? 'red' : 'yellow', name, text: found, remedy };
}

function kernelLine(row: KernelRow): Line {
  const name = row.release ?? row.key;
  const text = row.problem === null ? abilities(row) : `cannot be used: ${row.problem}`;
  return row.problem === null
    ? { status: 'ok', colour: 'green', name, text, remedy: null }
    : { status: 'warn', colour: 'yellow', name, text, remedy: null };
}

function abilities({ btf, schedExt, events, modules, absent }: KernelRow): string {
  const ability = (what: string, has: boolean | null): string =>
    has === null ? `${what} not known` : `${has ? '' : 'no '}${what}`;
  return [
    ...[ability('BTF', btf), ability('sched_ext', schedExt), ability('event counters', events)],
    modules.length === 0 ? 'loads no module' : `loads ${modules.join(' ')}`,
    ...(absent.length === 0 ? [] : [`lacks ${absent.join(' ')}`]),
  ].join(', ');
}

interface Layout {
  nameWidth: number;
  columns: number;
  paint: Paint;
}

function lineText({ status, colour, name, text, remedy }: Line, { nameWidth, columns, paint }: Layout): string {
  const indent = nameWidth + 6;
  const wrapped = wrap(text, columns - indent).join(`\n${' '.repeat(indent)}`);
  const line = `  ${paint(colour, SYMBOL[status])} ${name.padEnd(nameWidth)}  ${wrapped}`;
  if (remedy === null) return line;
  const [first = '', ...more] = wrap(remedy, columns - indent - 2).map((each) => paint('cyan', each));
  const under = [`→ ${first}`, ...more.map((each) => `  ${each}`)];
  return [line, ...under.map((each) => ' '.repeat(indent) + each)].join('\n');
}

/** Words stay whole, also those that are longer than a line. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function verdictText(report: Report, paint: Paint): string {
  if (report.ok) return [...whyNotKvm(report), paint('green', `the demo can run on: ${report.machine}`)].join('\n');
  const lacks = lacksForDemo(report.checks).map(({ name }) => name);
  return paint('red', `the demo cannot run yet: it lacks ${lacks.join(', ')}`);
}

/** `machine: 'auto'` takes KVM wherever it can. */
function whyNotKvm({ machine, checks }: Report): string[] {
  if (machine === 'kvm') return [];
  const lack = checks.find(({ neededFor, status }) => neededFor === 'kvm' && status === 'missing');
  return lack === undefined ? [] : [`not on kvm: ${lack.found}`];
}
