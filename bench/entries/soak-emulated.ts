import { readdirSync } from 'node:fs';

import { spreadOf, type BenchResult } from '../bench-report';
import { ownChildren } from '../own-children';
import { EMPTY_BODY, runFixture, specOf } from '../run-fixture';

const RUNS = 200;

/** Many empty runs in one process: every one has a result, and nothing is left of any. @throws {Error} otherwise */
export async function soakEmulated(progress: (text: string) => void): Promise<BenchResult[]> {
  const spec = specOf({ machine: 'emulated', cores: 2 });
  await runFixture(EMPTY_BODY, spec);
  const before = held();
  const walls: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    walls.push((await runFixture(EMPTY_BODY, spec)).result.wallTimeMs);
    if (run % 10 === 0)
      progress(
        `run ${run} of ${RUNS}: ${held().descriptors} descriptors, ${held().children} children, ${held().memoryFiles} memory files`,
      );
  }
  const after = held();
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    throw new Error(
      `${RUNS} runs left something behind: before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`,
    );
  }
  return [
    {
      name: 'soak.emulated',
      unit: 'ms',
      ours: spreadOf(walls),
      notes: `${RUNS} of ${RUNS} runs passed, nothing left: ${JSON.stringify(after)}`,
    },
  ];
}

/** What this process holds. Memory files have no names, so they show as descriptors here or as files of a child. */
function held(): { descriptors: number; children: number; memoryFiles: number } {
  const children = ownChildren().length;
  return { descriptors: readdirSync('/proc/self/fd').length, children, memoryFiles: readdirSync('/dev/shm').length };
}
