import type { AssertDetail, AssertResult } from './assert-result';
import { checkGap } from './checks/gap';
import { checkIsolation } from './checks/isolation';
import { checkIterationRate } from './checks/iteration-rate';
import { checkMigrationRatio } from './checks/migration-ratio';
import { checkSpread } from './checks/spread';
import { checkStarved } from './checks/starved';
import { checkThroughputCv } from './checks/throughput-cv';
import { checkWorkRate } from './checks/work-rate';
import { checkWorkerDied } from './checks/worker-died';
import { workerLabel, type Check } from './checks/check';
import { completedReports, type CgroupEvidence } from './evidence';
import { foldOutcomes } from './merge';
import { cgroupStats } from './stats';
import type { Thresholds } from './thresholds';

const CHECKS: readonly Check[] = [
  checkWorkerDied,
  checkStarved,
  checkGap,
  checkSpread,
  checkIsolation,
  checkThroughputCv,
  checkWorkRate,
  checkIterationRate,
  checkMigrationRatio,
];

/**
 * Judges what the workers of one hold measured. Fails when a worker died or a check that is on found its threshold missed; inconclusive when
 * a check is on and has no evidence, and when there is nothing that speaks for a pass: no worker at all, or, with every check off
 * and `notStuck` unset, a worker without work.
 */
export function assess(evidence: readonly CgroupEvidence[], thresholds: Thresholds): AssertResult {
  const details = [
    ...noEvidence(evidence),
    ...evidence
      .filter(({ reports }) => reports.length > 0)
      .flatMap((cgroup) => CHECKS.flatMap((check) => check(cgroup, thresholds))),
    ...(isUnset(thresholds) ? evidence.flatMap(idleWorkers) : []),
  ];
  return {
    outcome: foldOutcomes(['pass', ...details.map((detail) => detail.outcome)]),
    details,
    stats: evidence.map(({ cgroup, reports }) => cgroupStats(cgroup, reports)),
    workers: evidence.flatMap(({ reports }) => reports),
  };
}

function noEvidence(evidence: readonly CgroupEvidence[]): AssertDetail[] {
  if (evidence.length === 0) return [vague('no cgroup ran, so there is nothing to judge')];
  return evidence
    .filter(({ reports }) => reports.length === 0)
    .map(({ cgroup }) => ({ ...vague(`no worker of cgroup "${cgroup}" ran, so there is nothing to judge`), cgroup }));
}

function idleWorkers({ cgroup, reports }: CgroupEvidence): AssertDetail[] {
  return completedReports(reports)
    .filter((report) => report.workUnits === 0)
    .map((report) => ({
      ...vague(`${workerLabel(report)} did no work, and no check says what that means: set notStuck to true or false`),
      cgroup,
    }));
}

function vague(message: string): AssertDetail {
  return { kind: 'other', outcome: 'inconclusive', message };
}

function isUnset(thresholds: Thresholds): boolean {
  return (
    thresholds.notStuck === undefined &&
    Object.values(thresholds).every((value) => value === undefined || value === false)
  );
}
