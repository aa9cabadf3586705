import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { HOST_WORD } from '../../spec/declare/run-request';

/** The host writes within milliseconds of being told that the scheduler is attached. Chosen for a host that runs many machines per core. */
const DEADLINE_MS = 60_000;
/** Chosen: two ticks of a kernel with HZ=250, at one of which the host sees a deterministic machine. */
const POLL_MS = 8;

/**
 * Waits until the host has written what the test asks for into the memory of the scheduler. Resolves with false when it did not, which it
 * accounts for itself.
 */
export async function hostHasWritten(): Promise<boolean> {
  const endNs = process.hrtime.bigint() + BigInt(DEADLINE_MS) * 1_000_000n;
  let word = told();
  for (; !ANSWERS.includes(word) && process.hrtime.bigint() < endNs; word = told()) await setTimeout(POLL_MS);
  writeFileSync(HOST_WORD.file, HOST_WORD.none);
  return word === HOST_WORD.written;
}

const ANSWERS: readonly string[] = [HOST_WORD.written, HOST_WORD.refused];

function told(): string {
  return readFileSync(HOST_WORD.file, 'utf8').trim();
}
