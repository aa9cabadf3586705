import { stripVTControlCharacters } from 'node:util';

import type { GuestRun } from '../src/host/machine/guest-run';
import type { MachineExit } from '../src/host/machine/machine';
import { topologyMismatch } from '../src/spec/topology/topology-mismatch';
import { topologyLabel } from '../src/spec/topology/topology';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { dumpText } from './dump-text';
import { FAILURE_TEXTS, type FailureKind } from '../src/verdict/failure-kind';
import type { RunResult } from '../src/verdict/run-result';
import { scaledMs } from '../src/spec/time-scale';

const CONSOLE_TAIL_LINES = 20;

/** Characters that a terminal or an XML report cannot take. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/g;

/** Failures of which a look at the scheduler tells nothing. */
const BODYS_DOING: ReadonlySet<FailureKind> = new Set(['body-exited', 'body-aborted']);

/** What a failure text is made from. */
export interface Failure {
  kind: FailureKind;
  run: GuestRun;
  result: RunResult;
  spec: TestSpec;
}

/** The head line of a failure and, where the harness has to explain itself, how the machine ended and its last console lines. */
export function failureText(failure: Failure): string {
  const { kind, result } = failure;
  const seen = result.dump === null || BODYS_DOING.has(kind) ? [] : dumpText(result.dump, result.dumpFile);
  const tail = consoleTail(failure.run);
  return [`${result.test}: ${headline(failure)}`, '', ...facts(failure), ...seen, ...tail, `(${kind})`].join('\n');
}

function headline(failure: Failure): string {
  const { kind, run } = failure;
  const special = departureText(failure) ?? mismatchText(failure);
  if (special !== null) return special;
  if (kind === 'body-never-returned')
    return `${FAILURE_TEXTS[kind]} of ${budgetMs(failure)} ms (timeoutMs): JavaScript was looping`;
  if (run.stop && run.stop.why !== 'panic') return `${FAILURE_TEXTS[kind]}: ${run.stop.message}`;
  const panic = /Kernel panic - not syncing: (.*)/.exec(run.consoleText)?.[1];
  return panic === undefined ? FAILURE_TEXTS[kind] : `${FAILURE_TEXTS[kind]}: ${panic.trim()}`;
}

/** In virtual time it is what the test says; elsewhere this machine may be said to be slow. */
function budgetMs({ spec, result }: Failure): number {
  return result.machine === 'deterministic' ? spec.timeoutMs : scaledMs(spec.timeoutMs);
}

function departureText({ kind, run }: Failure): string | null {
  const { departure } = run.messages;
  if (!departure || (kind !== 'body-exited' && kind !== 'body-aborted')) return null;
  const code = departure.code === null ? '' : ` with code ${departure.code}`;
  return `the guest was ended by ${departure.how}${code} before the test had a result`;
}

function mismatchText({ kind, run, spec }: Failure): string | null {
  const { hello } = run.messages;
  if (kind !== 'topology-mismatch' || !hello) return null;
  return `${FAILURE_TEXTS[kind]}: ${topologyMismatch(spec.topology, hello.topology) ?? ''}`;
}

function facts({ run, result, spec }: Failure): string[] {
  const reached = [...run.seenAtMs].at(-1);
  const kernel = result.kernelRelease ?? 'not known';
  return [
    `machine: ${result.machine}, ${topologyLabel(spec.topology)}, ${spec.memoryMib} MiB, kernel ${kernel}`,
    `reached: ${reached ? `${reached[0]}, ${(reached[1] / 1000).toFixed(2)} s after spawn` : 'nothing'}`,
    ...result.schedulers.map(({ name, message }) => `scheduler: "${name}" ${message}`),
    `exit:    ${exitText(run.exit)}${run.stop ? `, ended by the host (${run.stop.why})` : ''}`,
    ...run.faults.map((fault) => `fault:   ${fault}`),
    ...(run.droppedBytes > 0 ? [`port:    ${run.droppedBytes} bytes were no intact frame`] : []),
  ];
}

function exitText(exit: MachineExit): string {
  switch (exit.kind) {
    case 'poweroff':
      return 'powered off';
    case 'reset':
      return 'reset';
    case 'triple-fault':
      return exit.registers === undefined ? 'triple fault' : `triple fault, ${exit.registers}`;
    case 'killed':
      return `killed by ${exit.signal}`;
    case 'failed':
      return `the machine failed${exit.exitCode === null ? '' : ` with code ${exit.exitCode}`}: ${exit.stderr || 'no message'}`;
  }
}

/** The last console lines; what a panic said stands in the headline. */
function consoleTail(run: GuestRun): string[] {
  const lines = run.consoleText
    .split('\n')
    .map((line) => stripVTControlCharacters(line).trimEnd().replace(CONTROL, '\u{FFFD}'))
    .filter((line) => line !== '');
  if (lines.length === 0) return ['console: empty'];
  const tail = lines.slice(-CONSOLE_TAIL_LINES);
  return [`console, last ${tail.length} of ${lines.length} lines:`, ...tail.map((line) => `  ${line}`)];
}
