/** What a run of a fuzzer came to, as far as its output tells. */
export interface FuzzFigures {
  /** Of the random choices; null when it did not get that far. */
  seed: number | null;
  executions: number;
  /** Edges of the fuzzed code that inputs have reached, of how many there are. Those of the sanitizers' own checks count. */
  edges: { reached: number; all: number };
  /** Inputs that reach something which no smaller one does. */
  corpus: number;
  peakMemoryMib: number;
}

export interface Finding {
  /** The first line that says what is wrong. */
  summary: string;
  /** The input, in a file; null when the fuzzer left none. */
  reproducer: string | null;
  /** The end of the output. */
  report: string;
}

/** Enough for a stack and the line above it. */
const REPORT_LINES = 60;

const SUMMARIES = [
  /does not hold: .*/,
  /runtime error: .*/,
  /ERROR: AddressSanitizer: .*/,
  /ERROR: LeakSanitizer: .*/,
  /ERROR: libFuzzer: .*/,
];

/** Reads what libFuzzer of clang 19 writes with `-print_final_stats=1`. */
export function figuresOf(output: string): FuzzFigures {
  const lastStep = [...output.matchAll(/^#(\d+)\s.* cov: (\d+) .*corp: (\d+)\//gm)].at(-1) ?? [];
  const [, steps = '0', reached = '0', corpus = '0'] = lastStep;
  return {
    seed: numberIn(output, /^INFO: Seed: (\d+)/m),
    executions: numberIn(output, /^stat::number_of_executed_units: (\d+)/m) ?? Number(steps),
    edges: { reached: Number(reached), all: numberIn(output, /\((\d+) inline 8-bit counters\)/) ?? 0 },
    corpus: Number(corpus),
    peakMemoryMib: numberIn(output, /^stat::peak_rss_mb:\s+(\d+)/m) ?? 0,
  };
}

/** Reads the output of a run that did not end well; `end` says how it ended. */
export function findingOf(output: string, end: string): Finding {
  const summary = SUMMARIES.map((pattern) => pattern.exec(output)?.[0]).find((line) => line !== undefined);
  return {
    summary: summary ?? end,
    reproducer: /Test unit written to (.+)$/m.exec(output)?.[1] ?? null,
    report: output.trimEnd().split('\n').slice(-REPORT_LINES).join('\n'),
  };
}

function numberIn(text: string, pattern: RegExp): number | null {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
