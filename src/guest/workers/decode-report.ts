import { HarnessError } from '../../errors';
import type { WorkerReport } from '../../verdict/worker-report';
import { REPORT_BYTES, REPORT_LAYOUT, WORKER_EXITS } from './report-layout.gen';

/** What the kit was told about a report's group, and the report does not repeat. */
export interface ReportOrigin {
  cgroup: string;
  workType: string;
  /** Position of the group's first worker among all workers of the cgroup. */
  firstIndex: number;
}

type Field = keyof typeof REPORT_LAYOUT;

const BITS_PER_WORD = 64;

/**
 * Decodes one `struct worker_report` (native/abi/worker_report.h): fields one behind the other without padding, little endian,
 * at the places that the generated layout names. @throws {HarnessError} `worker-report-invalid`
 */
export function decodeReport(bytes: Buffer, origin: ReportOrigin): WorkerReport {
  if (bytes.length !== REPORT_BYTES) throw invalid(origin, `it has ${bytes.length} bytes instead of ${REPORT_BYTES}`);
  const one = (field: Field): number => Number(valuesOf(bytes, field)[0]);
  const wallTimeNs = one('wall_time_ns');
  const cpuTimeNs = one('cpu_time_ns');
  return {
    cgroup: origin.cgroup,
    index: origin.firstIndex + one('index'),
    pid: one('pid'),
    workType: origin.workType,
    workUnits: one('work_units'),
    iterations: one('iterations'),
    wallTimeNs,
    cpuTimeNs,
    // Two clocks: CPU time can come out a little above wall time.
    offCpuNs: Math.max(0, wallTimeNs - cpuTimeNs),
    maxGapNs: one('max_gap_ns'),
    maxGapCpu: one('max_gap_cpu'),
    maxGapAtNs: one('max_gap_at_ns'),
    migrationCount: one('migration_count'),
    migrations: migrationsOf(bytes),
    cpusUsed: valuesOf(bytes, 'cpus_used').flatMap(cpusOfWord),
    schedstatCpuTimeNs: one('schedstat_cpu_time_ns'),
    schedstatRunDelayNs: one('schedstat_run_delay_ns'),
    schedstatRunCount: one('schedstat_run_count'),
    exit: exitOf(one('exit_kind'), one('exit_value'), origin),
  };
}

/** The number of the group that a report belongs to. */
export function groupOfReport(bytes: Buffer): number {
  return Number(valuesOf(bytes, 'group')[0]);
}

function valuesOf(bytes: Buffer, field: Field): bigint[] {
  const { offset, type, count } = REPORT_LAYOUT[field];
  return Array.from({ length: count }, (_, i) =>
    type === 'u64' ? bytes.readBigUInt64LE(offset + 8 * i) : BigInt(bytes.readUInt32LE(offset + 4 * i)),
  );
}

function migrationsOf(bytes: Buffer): WorkerReport['migrations'] {
  const [count = 0n] = valuesOf(bytes, 'migration_count');
  const from = valuesOf(bytes, 'migration_from');
  const to = valuesOf(bytes, 'migration_to');
  return valuesOf(bytes, 'migration_at_ns')
    .map((atNs, i) => ({ atNs: Number(atNs), from: Number(from[i]), to: Number(to[i]) }))
    .filter((_, i) => i < count);
}

function cpusOfWord(word: bigint, index: number): number[] {
  const cpus = Array.from({ length: BITS_PER_WORD }, (_, bit) => index * BITS_PER_WORD + bit);
  return cpus.filter((_, bit) => (word >> BigInt(bit)) & 1n);
}

function exitOf(kind: number, value: number, origin: ReportOrigin): WorkerReport['exit'] {
  const name = WORKER_EXITS[kind];
  switch (name) {
    case 'completed':
    case 'timed-out':
      return { kind: name };
    case 'signaled':
      return { kind: name, signal: value };
    case 'exited':
      return { kind: name, code: value };
    default:
      throw invalid(origin, `its exit kind is ${kind}`);
  }
}

function invalid(origin: ReportOrigin, reason: string): HarnessError {
  return new HarnessError('worker-report-invalid', { cgroup: origin.cgroup, reason });
}
