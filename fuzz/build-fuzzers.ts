import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { runCommand } from '../src/host/kernel/run-command';
import { packageRoot } from '../src/package-root';

const BUILD_DEADLINE_MS = 300_000;
const ENDING = '_fuzz.c';

/** Names of all fuzzers: one per file of native/fuzz that ends in `_fuzz.c`. */
export function fuzzTargets(): string[] {
  const files = readdirSync(join(packageRoot(), 'native/fuzz'));
  return files.filter((file) => file.endsWith(ENDING)).map((file) => file.slice(0, -ENDING.length));
}

export interface FuzzBuild {
  targets: readonly string[];
  /** The sources to fuzz, in place of native/vmm, and where the programs go; both or none. */
  elsewhere?: { sources: string; out: string };
}

/**
 * Builds fuzzers, as far as they are not up to date.
 * @returns the program of each
 */
export async function buildFuzzers({ targets, elsewhere }: FuzzBuild): Promise<Map<string, string>> {
  const native = join(packageRoot(), 'native');
  const out = resolve(native, elsewhere?.out ?? 'build/fuzz');
  const variables = elsewhere === undefined ? [] : [`FUZZ_VMM=${elsewhere.sources}`, `FUZZ_OUT=${elsewhere.out}`];
  await runCommand('make', ['-s', '-j2', '-C', native, 'fuzz', `FUZZ_TARGETS=${targets.join(' ')}`, ...variables], {
    purpose: 'build the fuzzers',
    deadlineMs: BUILD_DEADLINE_MS,
  });
  return new Map(targets.map((target) => [target, join(out, target)]));
}
