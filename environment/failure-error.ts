import type { GuestRun } from '../src/host/machine/guest-run';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { authorError, guestError } from './author-error';
import { checkText } from './check-text';
import { dumpText } from './dump-text';
import type { RunResult } from '../src/verdict/run-result';
import { schedulerFailure } from '../src/verdict/scheduler/scheduler-run';
import { failureText } from './failure-text';
import { splatLines, splatText } from './splat-text';
import type { StackMapper } from './map-stack';
import type { FinishedRun } from './run-test';
import { schedulerText } from './scheduler-text';

/**
 * The error that tells an author how a run failed, pointing at the line of theirs that did it; null when it did not fail.
 *
 * @param declarationFrames stack of the declaration, for failures that no line of the body did
 */
export function failureError(spec: TestSpec, finished: FinishedRun, declarationFrames: string): Error | null {
  const error = errorOfRun(spec, finished, declarationFrames);
  if (error === null) return null;
  const { failure, splats } = finished.result;
  if (failure !== 'kernel-splat' && splats.length > 0) addText(error, splatLines(splats));
  return error;
}

function errorOfRun(spec: TestSpec, { run, result, mapper }: FinishedRun, declarationFrames: string): Error | null {
  if (result.failure === null) return null;
  if (result.failure === 'kernel-splat') return authorError(splatText(result, spec.topology), declarationFrames);
  if (result.failure === 'check-failed') return authorError(checkText(result, spec.topology), declarationFrames);
  const scheduler = result.schedulers.find((ended) => schedulerFailure(ended) === result.failure);
  if (scheduler) return authorError(schedulerText(result, spec, scheduler), declarationFrames);
  if (result.errors.length > 0) return toldByGuest(result, declarationFrames);
  const text = failureText({ kind: result.failure, run, result, spec });
  return authorError(text, framesOf(run, mapper) ?? declarationFrames);
}

function toldByGuest({ failure, errors, dump, dumpFile }: RunResult, declarationFrames: string): Error {
  const error = guestError(errors, declarationFrames);
  // A body that throws knows why.
  if (failure === 'body-never-returned' && dump !== null) addText(error, ['', ...dumpText(dump, dumpFile)]);
  return error;
}

/** Adds lines behind the text of an error, above its frames. */
function addText(error: Error, lines: readonly string[]): void {
  const text = ['', ...lines].join('\n');
  const stack = error.stack ?? error.message;
  const frames = /\n\s+at /.exec(stack)?.index ?? stack.length;
  error.message += text;
  error.stack = stack.slice(0, frames) + text + stack.slice(frames);
}

/** Where the guest was when it left or was found looping. */
function framesOf(run: GuestRun, mapper: StackMapper): string | null {
  const { departure } = run.messages;
  const frames = departure ? mapper.frames(departure.stack) : loopFrames(run, mapper);
  return frames === '' ? null : frames;
}

function loopFrames(run: GuestRun, mapper: StackMapper): string {
  const frames = (run.loop ?? []).map(({ functionName, url, line, column }) =>
    mapper.frame({ name: functionName, file: url.replace(/^file:\/\//, ''), line: line + 1, column: column + 1 }),
  );
  return frames.filter((frame) => frame !== null).join('\n');
}
