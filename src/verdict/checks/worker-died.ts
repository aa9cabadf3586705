import { constants } from 'node:os';
import type { AssertDetail } from '../assert-result';
import type { CgroupEvidence } from '../evidence';
import type { WorkerReport } from '../worker-report';
import { workerLabel } from './check';

/** Needs no threshold: a worker that did not complete always fails the test. */
export function checkWorkerDied(evidence: CgroupEvidence): AssertDetail[] {
  return evidence.reports.flatMap((report) => {
    const end = describeEnd(report.exit);
    if (end === null) return [];
    const message = `${workerLabel(report)} ${end}`;
    return [{ kind: 'worker-died' as const, outcome: 'fail' as const, message, cgroup: evidence.cgroup }];
  });
}

function describeEnd(exit: WorkerReport['exit']): string | null {
  switch (exit.kind) {
    case 'completed':
      return null;
    case 'signaled':
      return `was killed by signal ${exit.signal}${signalName(exit.signal)}`;
    case 'exited':
      return `exited with code ${exit.code} and left no report`;
    case 'timed-out':
      return 'did not stop when it was told to, and was killed at the deadline without a report';
  }
}

function signalName(signal: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return name === undefined ? '' : ` (${name})`;
}
