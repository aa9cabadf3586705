import { completedReports } from '../evidence';
import { cgroupStats } from '../stats';
import { failed, figure, unjudged, type Check, type Gate } from './check';

/** `maxMigrationRatio`: the workers of a cgroup are not moved between CPUs more often than this per iteration. */
export const checkMigrationRatio: Check = (evidence, thresholds) => {
  const limit = thresholds.maxMigrationRatio ?? false;
  if (limit === false) return [];
  const gate: Gate = { kind: 'migration', threshold: 'maxMigrationRatio', cgroup: evidence.cgroup };
  const { migrations, iterations, workers } = cgroupStats(evidence.cgroup, completedReports(evidence.reports));
  if (iterations === 0) return [unjudged(gate, `its ${workers} workers that completed did no iteration`)];
  const ratio = migrations / iterations;
  if (ratio <= limit) return [];
  return [
    failed(
      gate,
      `the ${workers} workers of cgroup "${evidence.cgroup}" were moved ${migrations} times in ${iterations} iterations, ` +
        `a ratio of ${figure(ratio)}; maxMigrationRatio is ${figure(limit)}`,
    ),
  ];
};
