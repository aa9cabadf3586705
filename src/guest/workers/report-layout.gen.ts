// Generated from native/abi/worker_report.h by `make -C native abi`.
export const REPORT_BYTES = 1256;

export const REPORT_LAYOUT = {
  work_units: { offset: 0, type: 'u64', count: 1 },
  iterations: { offset: 8, type: 'u64', count: 1 },
  wall_time_ns: { offset: 16, type: 'u64', count: 1 },
  cpu_time_ns: { offset: 24, type: 'u64', count: 1 },
  max_gap_ns: { offset: 32, type: 'u64', count: 1 },
  max_gap_at_ns: { offset: 40, type: 'u64', count: 1 },
  migration_count: { offset: 48, type: 'u64', count: 1 },
  schedstat_cpu_time_ns: { offset: 56, type: 'u64', count: 1 },
  schedstat_run_delay_ns: { offset: 64, type: 'u64', count: 1 },
  schedstat_run_count: { offset: 72, type: 'u64', count: 1 },
  cpus_used: { offset: 80, type: 'u64', count: 16 },
  migration_at_ns: { offset: 208, type: 'u64', count: 64 },
  migration_from: { offset: 720, type: 'u32', count: 64 },
  migration_to: { offset: 976, type: 'u32', count: 64 },
  group: { offset: 1232, type: 'u32', count: 1 },
  index: { offset: 1236, type: 'u32', count: 1 },
  pid: { offset: 1240, type: 'u32', count: 1 },
  max_gap_cpu: { offset: 1244, type: 'u32', count: 1 },
  exit_kind: { offset: 1248, type: 'u32', count: 1 },
  exit_value: { offset: 1252, type: 'u32', count: 1 },
} as const;

/** `exit_kind` is a position in this list. */
export const WORKER_EXITS = [
  'unfinished',
  'completed',
  'signaled',
  'exited',
  'timed-out',
] as const;
