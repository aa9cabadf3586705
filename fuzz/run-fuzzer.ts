import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';

import { nativeProgram } from '../src/package-root';
import { figuresOf, findingOf, type Finding, type FuzzFigures } from './libfuzzer-output';

export interface FuzzRun {
  program: string;
  /** Where `corpus/` is, which a later run goes on from, and where inputs that find something are put. */
  folder: string;
  seconds: number;
}

export interface FuzzResult extends FuzzFigures {
  elapsedMs: number;
  finding: Finding | null;
}

/** An input that takes longer is a finding: a guest that holds its machine up. */
const INPUT_DEADLINE_S = 10;
const MEMORY_LIMIT_MIB = 2048;
/** For the start, the last input and the report. */
const GRACE_MS = 60_000;

/** One line per frame, by the program that comes with every C compiler; and freed memory is kept back, but not without end. */
const SANITIZER_OPTIONS = 'external_symbolizer_path=/usr/bin/addr2line:quarantine_size_mb=16';

/** Runs a fuzzer until its time is over or it finds something. */
export async function runFuzzer({ program, folder, seconds }: FuzzRun): Promise<FuzzResult> {
  const corpus = join(folder, 'corpus');
  mkdirSync(corpus, { recursive: true });
  const limits = [`-max_total_time=${seconds}`, `-timeout=${INPUT_DEADLINE_S}`, `-rss_limit_mb=${MEMORY_LIMIT_MIB}`];
  const output = ['-print_final_stats=1', '-print_funcs=0', `-artifact_prefix=${folder}/`];
  const start = performance.now();
  const { text, end } = await collect([program, ...limits, ...output, corpus], seconds * 1000 + GRACE_MS);
  return {
    ...figuresOf(text),
    elapsedMs: performance.now() - start,
    finding: end === null ? null : findingOf(text, end),
  };
}

/** Runs an input that was found. Null when nothing is wrong with it. */
export async function replay(program: string, input: string): Promise<Finding | null> {
  const { text, end } = await collect([program, `-timeout=${INPUT_DEADLINE_S}`, input], GRACE_MS);
  return end === null ? null : findingOf(text, end);
}

/** What a command writes, and how it ended: null for well. It dies with this process. */
function collect(command: readonly string[], deadlineMs: number): Promise<{ text: string; end: string | null }> {
  const env = { ...process.env, ASAN_OPTIONS: SANITIZER_OPTIONS, UBSAN_OPTIONS: 'print_stacktrace=1' };
  const child = spawn(nativeProgram('host/tether'), [String(process.pid), ...command], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // It takes what time there is; tests beside it have deadlines.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const chunks: Buffer[] = [];
  let late: string | null = null;
  const timer = setTimeout(() => {
    late = `it did not end within ${deadlineMs} ms`;
    child.kill('SIGKILL');
  }, deadlineMs);
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((settle, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      const end = late ?? (signal === null ? `it exited with status ${status}` : `it was ended by ${signal}`);
      settle({ text: Buffer.concat(chunks).toString(), end: late === null && status === 0 ? null : end });
    });
  });
}
