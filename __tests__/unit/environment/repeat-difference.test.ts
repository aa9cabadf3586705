import { describe, expect, test } from '@jest/globals';
import { repeatDifference } from '../../../environment/repeat-difference';
import type { RunResult } from '../../../src/verdict/run-result';
import { report } from '../verdict/reports';
import { sample } from '../verdict/monitor/samples';
import { runResult } from './finished-runs';

const run = (iterations: number, changes: Partial<RunResult> = {}): RunResult =>
  runResult({ workers: [report({ iterations })], ...changes });

describe('repeatDifference()', () => {
  test.each([
    { name: 'there is one run', results: [run(5)] },
    { name: 'all runs measured the same', results: [run(5), run(5), run(5)] },
    {
      name: 'they differ in what the host measured',
      results: [run(5), run(5, { wallTimeMs: 99, peakMemoryKib: 7, console: 'x', stages: runResult().stages })],
    },
  ])('is null when $name', ({ results }) => {
    expect(repeatDifference(results)).toBeNull();
  });

  test('names the first run that differs, and shows what in it differs', () => {
    const text = repeatDifference([run(1000), run(1000), run(1001), run(1002)]) ?? '';
    expect(text).toMatch(/^run 3 of 4 differs from run 1/);
    expect(text).toMatch(/- .*"iterations": 1000,/);
    expect(text).toMatch(/\+ .*"iterations": 1001,/);
    expect(text).not.toMatch(/1002|"cpuTimeNs"/);
  });

  test.each<Partial<RunResult>>([
    { image: 'def' },
    { seed: 1 },
    { outcome: 'fail' },
    { failure: 'test-failed' },
    { errors: [{ name: 'Error', message: 'no', stack: '' }] },
    { samples: [sample(0, [{}])] },
    { details: [{ kind: 'other', outcome: 'pass', message: '' }] },
  ])('sees a difference in %p', (changes) => {
    expect(repeatDifference([run(5), run(5, changes)])).toMatch(/^run 2 of 2/);
  });
});
