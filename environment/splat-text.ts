import { topologyLabel, type Topology } from '../src/spec/topology/topology';
import type { Splat } from '../src/verdict/console/console-allow';
import type { RunResult } from '../src/verdict/run-result';

/** Chosen: an oops has its registers, the code and a call trace of some depth; the whole of it is in the result. */
const MAX_CONTEXT_LINES = 16;
/** Chosen: what comes after the first few is mostly their consequence. */
const MAX_TITLES = 4;

/** Characters that a terminal or an XML report cannot take. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/g;

/** What a run says that failed by its console alone: each title once, with the lines of its first splat and how to allow it. */
export function splatText(result: RunResult, topology: Topology): string {
  const titles = [...byTitle(result.splats).values()];
  const kernel = result.kernelRelease ?? 'not known';
  return [
    `${result.test}: the kernel complained on its console [${result.machine} ${topologyLabel(topology)}, kernel ${kernel}]`,
    ...titles.slice(0, MAX_TITLES).flatMap(titleText),
    ...(titles.length > MAX_TITLES ? [`  and ${titles.length - MAX_TITLES} more titles`] : []),
    '',
    'A splat that is known can be allowed for a while:',
    `  consoleAllow: [{ pattern: ${patternFor(titles[0]?.[0]?.title ?? '')}, reason: 'why', link: 'https://...', expires: 'YYYY-MM-DD' }]`,
    '(kernel-splat)',
  ].join('\n');
}

/** A line for each title, for a run that failed otherwise. */
export function splatLines(splats: readonly Splat[]): string[] {
  return [...byTitle(splats).values()].map((same) => `console: ${headOf(same)}`);
}

function titleText(same: readonly Splat[]): string[] {
  const { context = [], expired = null } = same[0] ?? {};
  const shown = context.slice(0, MAX_CONTEXT_LINES).map((line) => `    ${line.replace(CONTROL, '\u{FFFD}')}`);
  const more = context.length > shown.length ? [`    ... ${context.length - shown.length} more lines`] : [];
  const note = expired
    ? [`  the entry of consoleAllow for it expired on ${expired.expires}: ${expired.reason} (${expired.link})`]
    : [];
  return ['', `  ${headOf(same)}`, ...note, ...shown, ...more];
}

/** `hung-task: INFO: task hung in f, line 113, 2 times` */
function headOf(same: readonly Splat[]): string {
  const [first] = same;
  const times = same.length > 1 ? `, ${same.length} times` : '';
  return first ? `${first.kind}: ${first.title}, line ${first.lineNumber}${times}` : '';
}

function byTitle(splats: readonly Splat[]): Map<string, Splat[]> {
  const titles = new Map<string, Splat[]>();
  for (const splat of splats) titles.set(splat.title, [...(titles.get(splat.title) ?? []), splat]);
  return titles;
}

function patternFor(title: string): string {
  return String(new RegExp(title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
}
