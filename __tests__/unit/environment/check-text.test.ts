import { expect, test } from '@jest/globals';
import { checkText, passedText } from '../../../environment/check-text';
import { cgroupStats } from '../../../src/verdict/stats';
import { report, deadReport } from '../verdict/reports';
import { runResult } from './finished-runs';

const TOPOLOGY = { numaNodes: 1, llcs: 2, cores: 4, threads: 1 };

test('checkText() lists the checks that failed, and the figures of every cgroup', () => {
  const result = runResult({
    outcome: 'fail',
    details: [
      { kind: 'unfair', outcome: 'fail', message: 'cgroup a: spread of 40 points' },
      { kind: 'stuck', outcome: 'pass', message: 'not shown' },
      { kind: 'starved', outcome: 'fail', message: 'cgroup b: worker 0 did nothing' },
    ],
    stats: [cgroupStats('a', [report(), report({ cpuTimeNs: 0.6e9, migrationCount: 3 })]), cgroupStats('b', [])],
  });
  expect(checkText(result, TOPOLOGY)).toBe(
    [
      'Fairness split: 2 checks failed [emulated 1n2l4c1t eevdf]',
      '  unfair: cgroup a: spread of 40 points',
      '  starved: cgroup b: worker 0 did nothing',
      '',
      '  a: 2 workers on 1 CPU, off CPU 50.0%..70.0% (spread 20.0%), longest gap 4.0 ms on CPU 0, 2000 iterations, 3 migrations',
      '  b: 0 workers on 0 CPUs, off CPU -..- (spread -), no gap seen, 0 iterations, 0 migrations',
    ].join('\n'),
  );
});

test('checkText() counts one check as one, and ends with it when there are no figures', () => {
  const details = [{ kind: 'worker-died', outcome: 'fail', message: 'killed by signal 9' } as const];
  const result = runResult({ details, workers: [deadReport({ kind: 'signaled', signal: 9 })] });
  expect(checkText(result, TOPOLOGY).split('\n')).toEqual([
    'Fairness split: 1 check failed [emulated 1n2l4c1t eevdf]',
    '  worker-died: killed by signal 9',
  ]);
});

test('passedText() tells the outcome and the same figures', () => {
  const stats = [cgroupStats('a', [report()])];
  expect(passedText(runResult({ outcome: 'pass', failure: null, stats }), TOPOLOGY).split('\n')).toEqual([
    'Fairness split: pass [emulated 1n2l4c1t eevdf]',
    '',
    expect.stringMatching(/^ {2}a: 1 worker on 1 CPU, off CPU 50\.0%/),
  ]);
});
