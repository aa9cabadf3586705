import type { RunResult } from '../../verdict/run-result';
import { mergeOptions } from './merge-options';
import type { Declared } from './registrar';

/** Marks the worker list of a result with the image it was taken with; the snapshot serializer prints it. */
export const IMAGE = Symbol.for('ktstr.image');

const HEADER = /ktstr image ([0-9a-f]+)/;

interface Matched {
  matcherResult?: { actual?: unknown; expected?: unknown };
  stack?: string;
}

/** The part of Jest's `expect` that is used here, where there is one. */
interface SnapshotExpect {
  addSnapshotSerializer?(serializer: object): void;
  getState?(): { suppressedErrors?: unknown[] };
  setState?(state: { suppressedErrors: unknown[] }): void;
}

/** Runs the author's `after` in Jest's sandbox, where snapshots work. */
export async function runAfter(declared: Declared, result: RunResult): Promise<void> {
  const { after } = mergeOptions(...declared.layers());
  if (!after) return;
  installSerializer();
  // Not enumerable, so that matchers compare the workers alone.
  const workers = Object.defineProperty([...result.workers], IMAGE, { value: result.image });
  try {
    await after({ ...result, workers });
  } catch (error) {
    throw explainImage(error);
  }
  explainSuppressed();
}

/** Snapshot matchers do not throw: what failed waits in the state of `expect` for the end of the test. */
function explainSuppressed(): void {
  const { expect } = globalThis as { expect?: SnapshotExpect };
  const suppressedErrors = expect?.getState?.().suppressedErrors;
  if (suppressedErrors?.length) expect?.setState?.({ suppressedErrors: suppressedErrors.map(explainImage) });
}

/**
 * Virtual-time figures are comparable only within one image. A snapshot of a worker list therefore starts with the image's digest, and a
 * mismatch between two images is reported as that, not as a difference of numbers.
 */
function explainImage(error: unknown): unknown {
  // Not `instanceof Error`: matchers are of the realm that Jest itself runs in.
  const { matcherResult, stack } = (error ?? {}) as Matched;
  const { actual, expected } = matcherResult ?? {};
  const now = HEADER.exec(String(actual))?.[1];
  const then = HEADER.exec(String(expected))?.[1];
  if (now === undefined || then === undefined || now === then) return error;
  const message =
    `compare a snapshot of a virtual-time run: it was taken with image ${then}, this run used image ${now}, so their figures need not agree. ` +
    `The image covers kernel, Node, test bundle, command line and machine shape. Take the snapshot again with jest -u when the change is intended`;
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const explained = new Error(message);
  explained.stack = [`Error: ${message}`, ...frames].join('\n');
  return explained;
}

let installed = false;

function installSerializer(): void {
  const { expect } = globalThis as { expect?: SnapshotExpect };
  if (installed || !expect?.addSnapshotSerializer) return;
  installed = true;
  expect.addSnapshotSerializer({
    test: (value: unknown) => Array.isArray(value) && IMAGE in value,
    print: (value: unknown[] & { [IMAGE]: string }, print: (value: unknown) => string) =>
      `ktstr image ${value[IMAGE]}\n${print([...value])}`,
  });
}
