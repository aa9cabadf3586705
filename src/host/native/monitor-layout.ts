import type { StructureOf, Structures } from './structure-layout';

/** The structures of native/abi/monitor.h and probe.h, their fields in order. The library tells where it has each, and the two are compared at load. */
export const MONITOR_STRUCTURES = {
  monitor_range: {
    gpa: 'uint64_t',
    bytes: 'uint64_t',
    file_offset: 'uint64_t',
    address: 'uint64_t',
    fd: 'int32_t',
    reserved: 'uint32_t',
  },
  monitor_window: { kva: 'uint64_t', bytes: 'uint64_t', gpa: 'uint64_t' },
  monitor_config: {
    root_gpa: 'uint64_t',
    levels: 'uint32_t',
    tlb_ms: 'uint32_t',
    range_count: 'uint32_t',
    window_count: 'uint32_t',
  },
  monitor_plan: {
    expression_count: 'uint32_t',
    group_count: 'uint32_t',
    thread_count: 'uint32_t',
    thread_every: 'uint32_t',
    payload_bytes: 'uint32_t',
    reserved: 'uint32_t',
  },
  monitor_expression: {
    base: 'uint64_t',
    steps: { int64s: 6 },
    offset: 'int64_t',
    step_count: 'uint32_t',
    length: 'uint32_t',
    out: 'uint32_t',
    every: 'uint32_t',
  },
  monitor_group: { first: 'uint32_t', count: 'uint32_t' },
  monitor_thread: { pid: 'uint32_t', tid: 'uint32_t' },
  monitor_record: {
    sequence: 'uint64_t',
    host_ns: 'uint64_t',
    duration_ns: 'uint64_t',
    dropped: 'uint64_t',
    retries: 'uint32_t',
    rejects: 'uint32_t',
    skipped: 'uint32_t',
    threads_read: 'uint32_t',
  },
  monitor_reading: { cpu_ns: 'uint64_t', run_delay_ns: 'uint64_t', known: 'uint64_t' },
  monitor_info: {
    samples: 'uint64_t',
    dropped: 'uint64_t',
    skipped: 'uint64_t',
    cpu_ns: 'uint64_t',
    record_bytes: 'uint32_t',
    news_fd: 'int32_t',
  },
  probe_orders: {
    address: 'uint64_t',
    sample_every: 'uint64_t',
    sample_period: 'uint64_t',
    digest_every: 'uint64_t',
    digest_from: 'uint64_t',
    stop_at_hit: 'uint64_t',
    clock_kva: 'uint64_t',
    stop_at_clock: 'uint64_t',
    stop_kva: 'uint64_t',
    root_gpa: 'uint64_t',
    levels: 'uint32_t',
    range_count: 'uint32_t',
    window_count: 'uint32_t',
    plan_bytes: 'uint32_t',
    stop_value: 'uint32_t',
    reserved: 'uint32_t',
  },
  probe_entry: { kind: 'uint32_t', bytes: 'uint32_t', hit: 'uint64_t' },
  probe_event: { kind: 'uint32_t', bytes: 'uint32_t', hit: 'uint64_t' },
  monitor_error: { code: 'int32_t', phase: { chars: 20 }, call: { chars: 40 }, detail: { chars: 160 } },
} as const satisfies Structures;

export type MonitorErrorRecord = StructureOf<(typeof MONITOR_STRUCTURES)['monitor_error']>;
export type MonitorInfo = StructureOf<(typeof MONITOR_STRUCTURES)['monitor_info']>;

export const MONITOR_ABI = 1;
/** `enum probe_entry_kind` of native/abi/probe.h. */
export const PROBE_ENTRY_KIND = { sample: 1, digest: 2, end: 3 } as const;
/** `enum probe_event_kind` of native/abi/probe.h. */
export const PROBE_EVENT_KIND = { stopped: 1, failed: 2 } as const;

export const MONITOR_NO_FD = -1;
/** Bounds of native/abi/monitor.h. */
export const MONITOR_MAX_STEPS = 6;
export const MONITOR_MAX_LENGTH = 4096;
