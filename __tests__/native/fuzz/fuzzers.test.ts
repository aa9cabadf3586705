import { beforeAll, expect } from '@jest/globals';
import { join } from 'node:path';

import { buildFuzzers, fuzzTargets } from '../../../fuzz/build-fuzzers';
import type { FuzzResult } from '../../../fuzz/run-fuzzer';
import { runFuzzers } from '../../../fuzz/run-fuzzers';
import { packageRoot } from '../../../src/package-root';
import { builtProgram } from '../programs';
import { mustFuzz, testWithFuzzers } from './fuzzers';

const SECONDS = process.env['CI'] === undefined ? 10 : 30;
const JOBS = 2;
const TARGETS = fuzzTargets();
/** Chosen: the least of them reaches 0.29 within seconds; the rest is mostly what the sanitizers add, which only a finding reaches. */
const LEAST_REACHED = 0.2;

let results: Map<string, FuzzResult>;

beforeAll(
  async () => {
    if (!mustFuzz) return;
    builtProgram('host/tether');
    results = await runFuzzers({
      programs: await buildFuzzers({ targets: TARGETS }),
      folderOf: (target) => join(packageRoot(), '.ktstr/fuzz', target),
      ...{ seconds: SECONDS, jobs: JOBS },
    });
  },
  (180 + Math.ceil(TARGETS.length / JOBS) * (SECONDS + 60)) * 1000,
);

testWithFuzzers.each(TARGETS)('the fuzzer of %s finds nothing, and gets far', (target) => {
  const { finding, executions, edges } = results.get(target)!;
  expect(finding).toBeNull();
  expect(executions).toBeGreaterThan(1000);
  expect(edges.reached / edges.all).toBeGreaterThan(LEAST_REACHED);
});
