import { expect, test } from '@jest/globals';
import { checkWorkerDied } from '../../../../src/verdict/checks/worker-died';
import type { WorkerReport } from '../../../../src/verdict/worker-report';
import { deadReport, evidence } from '../reports';

const WORKER = 'worker 0 (pid 100, SpinWait) of cgroup "a"';

test.each<{ exit: WorkerReport['exit']; end: string }>([
  { exit: { kind: 'signaled', signal: 9 }, end: 'was killed by signal 9 (SIGKILL)' },
  { exit: { kind: 'signaled', signal: 40 }, end: 'was killed by signal 40' },
  { exit: { kind: 'exited', code: 3 }, end: 'exited with code 3 and left no report' },
  {
    exit: { kind: 'timed-out' },
    end: 'did not stop when it was told to, and was killed at the deadline without a report',
  },
])('checkWorkerDied() fails when a worker ended with $exit', ({ exit, end }) => {
  expect(checkWorkerDied(evidence(deadReport(exit), {}))).toEqual([
    { kind: 'worker-died', outcome: 'fail', message: `${WORKER} ${end}`, cgroup: 'a' },
  ]);
});

test('checkWorkerDied() passes when every worker completed', () => {
  expect(checkWorkerDied(evidence({}, {}))).toEqual([]);
});
