import { dumpText } from './dump-text';
import { topologyLabel } from '../src/spec/topology/topology';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { FAILURE_TEXTS } from '../src/verdict/failure-kind';
import type { RunResult } from '../src/verdict/run-result';
import { foldVerifierLog } from '../src/verdict/scheduler/fold-verifier-log';
import type { SchedulerRun } from '../src/verdict/scheduler/scheduler-run';

const KERNEL_LINES = 20;
/** Of a stack in the kernel's log; the dump has all of it. */
const STACK_LINES = 6;
const DUMP_LINES = 25;
const OUTPUT_LINES = 25;
const VERIFIER_LINES = 60;

/** What became of a scheduler, with what it and the kernel said of it. */
export function schedulerText(result: RunResult, spec: TestSpec, run: SchedulerRun): string {
  const headline = result.failure === null ? '' : FAILURE_TEXTS[result.failure];
  const isRefused = run.outcome === 'verifier-rejected';
  const stderr = isRefused ? foldVerifierLog(run.stderr) : run.stderr;
  return [
    `${result.test}: ${headline}`,
    '',
    `scheduler "${run.name}" ${run.message}`,
    '',
    `machine: ${result.machine}, ${topologyLabel(spec.topology)}, ${spec.memoryMib} MiB, kernel ${result.kernelRelease ?? 'not known'}`,
    ...(run.argv.length > 0 ? [`argv:    ${run.argv.map(quoted).join(' ')}`] : []),
    ...(run.ops === null ? [] : [`ops:     ${run.ops}`]),
    ...watchdogText(run),
    `times:   ${timesText(run)}`,
    ...bodyErrors(result),
    ...monitorText(result),
    ...section('kernel log', shortStacks(run.kernelLines), { keep: KERNEL_LINES, from: 'end' }),
    ...section("the kernel's dump", run.dump, { keep: DUMP_LINES, from: 'start' }),
    ...section('stderr', linesOf(run.dump.length > 0 ? withoutDump(stderr) : stderr), {
      keep: isRefused ? VERIFIER_LINES : OUTPUT_LINES,
      from: 'end',
    }),
    ...section('stdout', linesOf(run.stdout), { keep: OUTPUT_LINES, from: 'end' }),
    `(${result.failure})`,
  ].join('\n');
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll(`'`, `'\\''`)}'`;
}

function watchdogText({ watchdog }: SchedulerRun): string[] {
  if (watchdog === null) return [];
  const own = watchdog.askedMs === 0 ? "the kernel's default" : `${watchdog.askedMs} ms`;
  return [`watchdog: ${watchdog.limitMs} ms (watchdogTimeoutMs), in place of ${own}`];
}

function timesText({ startedAtNs, attachedAtNs, endedAtNs }: SchedulerRun): string {
  const since = (atNs: number): string => `${((atNs - startedAtNs) / 1e6).toFixed(0)} ms`;
  const attached = attachedAtNs === null ? 'never attached' : `attached after ${since(attachedAtNs)}`;
  return endedAtNs === null ? attached : `${attached}, ended ${since(endedAtNs)} after its start`;
}

function bodyErrors({ errors }: RunResult): string[] {
  return errors.map(({ name, message }) => `body:    ${name}: ${message.split('\n')[0]}`);
}

/** What the monitor found wrong while the scheduler still ran, and how things stood then. */
function monitorText({ details, dump, dumpFile }: RunResult): string[] {
  const found = details.filter(({ kind, outcome }) => kind === 'monitor' && outcome === 'fail');
  return [...found.map(({ message }) => `monitor: ${message}`), ...(dump === null ? [] : dumpText(dump, dumpFile))];
}

/** The first lines of each stack. */
function shortStacks(lines: readonly string[]): string[] {
  let depth = 0;
  return lines.filter((line) => {
    depth = /^\s/.test(line) ? depth + 1 : 0;
    return depth <= STACK_LINES;
  });
}

/** Schedulers print the debug dump as well, between two lines of equals signs. */
function withoutDump(stderr: string): string {
  return stderr.replace(/^={20,}\n[^]*^={20,}$/m, '[the debug dump, as above]');
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function section(
  title: string,
  lines: readonly string[],
  { keep, from }: { keep: number; from: 'start' | 'end' },
): string[] {
  if (lines.length === 0) return [];
  const shown = from === 'end' ? lines.slice(-keep) : lines.slice(0, keep);
  const part =
    shown.length === lines.length
      ? ''
      : `, ${from === 'end' ? 'last' : 'first'} ${shown.length} of ${lines.length} lines`;
  return [`${title}${part}:`, ...shown.map((line) => `  ${line}`)];
}
