import type { KernelLine } from './kernel-lines';
import { normaliseTitle } from './normalise-title';
import { STARTERS, type SplatKind } from './starters';

/** A place where the kernel complained about itself. */
export interface ConsoleFinding {
  kind: SplatKind;
  /** The same for the same splat of another run. */
  title: string;
  /** The line that it begins with, without the prefix of printk. */
  line: string;
  /** Of that line on the whole console, from 1. */
  lineNumber: number;
  /** The splat as far as it is kept, its first line included, in the order of the console. */
  context: string[];
}

type Starter = (typeof STARTERS)[number];

/** A splat whose end has not been seen. */
interface OpenSplat {
  starter: Starter;
  match: RegExpExecArray;
  first: KernelLine;
  lead: string[];
  body: string[];
  lastAtS: number | null;
  isTraceEnded: boolean;
}

/** What WARN() and BUG() begin with; their message comes between it and the line that names the place. */
const CUT_HERE = /^-+\[ cut here \]-+$/;
/** Lines of the kernel that never belong to a splat, however close they are. */
const OWN_LINE = /^(?:sched_ext|reboot): /;
const TRACE_END = /^---\[ end (?:trace|Kernel panic)/;

/** Chosen: a message of WARN() has a few lines at most; a cut without a splat soon after it is none. */
const MAX_LEAD_LINES = 8;
/** Chosen: as the kernel-splat check of BPF CI. The first 30 lines have the registers and the call trace. */
const MAX_BODY_LINES = 30;
/** Chosen: a splat is printed without a pause, and an oops panics right after it; what comes later is about something else. */
const MAX_PAUSE_S = 1;

/** The splats of a console in order. The trace of a splat, and the lines that always follow such a splat, make no further one. */
export function findSplats(lines: readonly KernelLine[]): ConsoleFinding[] {
  const search = new SplatSearch();
  for (const line of lines) search.push(line);
  return search.splats.map(toFinding);
}

/** What a line is taken for depends on those before it: of the same caller, where the kernel names callers. */
class SplatSearch {
  readonly splats: OpenSplat[] = [];
  readonly #open = new Map<string, OpenSplat[]>();
  readonly #leads = new Map<string, string[]>();
  readonly #seen = new Map<string, number>();

  push(line: KernelLine): void {
    const { text, caller } = line;
    const open = (this.#open.get(caller) ?? []).filter((splat) => isOpenAt(splat, line));
    const lead = this.#leads.get(caller);
    const started = this.#startOf(text);
    const current = open.at(-1);
    if (started && !open.some((splat) => isPartOf(started.starter, splat))) {
      open.push(this.#begin(line, started));
    } else if (CUT_HERE.test(text)) {
      for (const splat of open) splat.isTraceEnded = true;
      this.#leads.set(caller, [text]);
    } else if (lead && !started) {
      if (lead.push(text) > MAX_LEAD_LINES) this.#leads.delete(caller);
    } else if (current) extend(current, line);
    this.#open.set(caller, open);
  }

  #begin(first: KernelLine, started: { starter: Starter; match: RegExpExecArray }): OpenSplat {
    const lead = this.#leads.get(first.caller) ?? [];
    this.#leads.delete(first.caller);
    const splat = { ...started, first, lead, body: [], lastAtS: first.atS, isTraceEnded: false };
    this.splats.push(splat);
    return splat;
  }

  #startOf(text: string): { starter: Starter; match: RegExpExecArray } | null {
    for (const starter of STARTERS) {
      const match = starter.pattern.exec(text);
      if (match) return this.#isUsual(starter, match[0]) ? null : { starter, match };
    }
    return null;
  }

  #isUsual(starter: Starter, text: string): boolean {
    if (!('usual' in starter)) return false;
    const count = (this.#seen.get(text) ?? 0) + 1;
    this.#seen.set(text, count);
    return count <= starter.usual;
  }
}

function isPartOf(starter: Starter, { starter: { kind } }: OpenSplat): boolean {
  const continued: readonly string[] = ('continues' in starter && starter.continues) || [];
  return continued.includes('*') || continued.includes(kind);
}

function isOpenAt({ lastAtS }: OpenSplat, { atS }: KernelLine): boolean {
  return atS === null || lastAtS === null || atS - lastAtS <= MAX_PAUSE_S;
}

function extend(splat: OpenSplat, { text, atS }: KernelLine): void {
  splat.lastAtS = atS;
  if (splat.isTraceEnded || splat.body.length >= MAX_BODY_LINES || OWN_LINE.test(text)) return;
  splat.body.push(text);
  splat.isTraceEnded = TRACE_END.test(text);
}

function toFinding({ starter, match, first, lead, body }: OpenSplat): ConsoleFinding {
  return {
    kind: starter.kind,
    title: normaliseTitle(starter.title(match, body)),
    line: first.text,
    lineNumber: first.number,
    context: [...lead, first.text, ...body],
  };
}
