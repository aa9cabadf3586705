import { afterAll, beforeAll, expect } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildFuzzers, fuzzTargets } from '../../../fuzz/build-fuzzers';
import type { FuzzResult } from '../../../fuzz/run-fuzzer';
import { runFuzzers } from '../../../fuzz/run-fuzzers';
import { builtProgram } from '../programs';
import { mustFuzz, testWithFuzzers } from './fuzzers';

const SECONDS = process.env['CI'] === undefined ? 10 : 30;
const JOBS = 2;
const TARGETS = fuzzTargets();
/** Chosen: the least of them reaches 0.29 within seconds; the rest is mostly what the sanitizers add, which only a finding reaches. */
const LEAST_REACHED = 0.2;

let folder: string | undefined;
let results: Map<string, FuzzResult> | undefined;

beforeAll(
  async () => {
    if (!mustFuzz) return;
    builtProgram('host/tether');
    // No corpus of an earlier run: what is reached is reached anew.
    const fresh = (folder = mkdtempSync(join(tmpdir(), 'ktstr-fuzzers-')));
    results = await runFuzzers({
      programs: await buildFuzzers({ targets: TARGETS }),
      folderOf: (target) => join(fresh, target),
      ...{ seconds: SECONDS, jobs: JOBS },
    });
  },
  (180 + Math.ceil(TARGETS.length / JOBS) * (SECONDS + 60)) * 1000,
);

afterAll(() => {
  if (folder === undefined) return;
  const isClean = results !== undefined && [...results.values()].every(({ finding }) => finding === null);
  if (isClean) rmSync(folder, { recursive: true });
  else process.stdout.write(`  what the fuzzers found is kept in ${folder}\n`);
});

testWithFuzzers.each(TARGETS)('the fuzzer of %s finds nothing, and gets far', (target) => {
  const { finding, executions, edges } = results!.get(target)!;
  expect(finding).toBeNull();
  expect(executions).toBeGreaterThan(1000);
  expect(edges.reached / edges.all).toBeGreaterThan(LEAST_REACHED);
});
