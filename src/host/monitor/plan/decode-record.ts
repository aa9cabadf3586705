import { HarnessError } from '../../../errors';
import { MONITOR_STRUCTURES } from '../../native/monitor-layout';
import { structureCodec } from '../../native/structure-codec';
import type { RecordLayout } from './encode-plan';

/** One sample of a read plan. */
export interface PlanRecord {
  /** Number of the sample, from 0; numbers that are missing were dropped. */
  sequence: bigint;
  /** CLOCK_MONOTONIC at its start. */
  hostNs: bigint;
  durationNs: bigint;
  /** Samples dropped since the start, because nobody took them. */
  dropped: bigint;
  /** Periods before this sample in which the thread did not get to run. */
  skipped: number;
  /** Groups that were read again, and groups whose guard never stood still: these have their last values. */
  retries: number;
  rejects: number;
  /** Per group, whether its guard stood still. */
  consistent: readonly boolean[];
  /** Per thread, as last read; null when it was gone. */
  threads: readonly ({ cpuNs: bigint; runDelayNs: bigint } | null)[];
  /** Whether the threads were read in this sample. */
  threadsRead: boolean;
  /** The bytes of an expression; null when a pointer on its way was null or led nowhere. They are part of the record. */
  value(expression: number): Buffer | null;
  /** A value of 8 bytes. */
  u64(expression: number): bigint | null;
  /** A value of 4 bytes. */
  u32(expression: number): number | null;
}

const RECORD = structureCodec(MONITOR_STRUCTURES.monitor_record);
const READING = structureCodec(MONITOR_STRUCTURES.monitor_reading);

/** A record of a plan, as native/abi/monitor.h describes it. @throws {HarnessError} `decode` when its length is not that of the plan's */
export function decodeRecord(layout: RecordLayout, record: Buffer): PlanRecord {
  if (record.length !== layout.recordBytes) {
    const problem = `the record has ${record.length} bytes, those of the plan have ${layout.recordBytes}`;
    throw new HarnessError('decode', { what: 'sample', at: 'its end', problem });
  }
  const header = RECORD.decode(record, 0);
  const slotOf = (expression: number): { at: number; length: number } | null => {
    const slot = layout.slots[expression];
    if (slot === undefined) throw new RangeError(`read expression ${expression}: the plan has ${layout.slots.length}`);
    return bit(record, layout.validAt, expression) ? slot : null;
  };
  return {
    sequence: header.sequence,
    hostNs: header.host_ns,
    durationNs: header.duration_ns,
    dropped: header.dropped,
    skipped: header.skipped,
    retries: header.retries,
    rejects: header.rejects,
    consistent: Array.from({ length: layout.groupCount }, (_, group) => bit(record, layout.consistentAt, group)),
    threads: Array.from({ length: layout.threadCount }, (_, thread) => reading(record, layout.threadsAt, thread)),
    threadsRead: header.threads_read !== 0,
    value(expression) {
      const slot = slotOf(expression);
      return slot && record.subarray(slot.at, slot.at + slot.length);
    },
    // Out of the record: a buffer for each of hundreds of values takes longer than all else.
    u64(expression) {
      const slot = slotOf(expression);
      return slot && record.readBigUInt64LE(slot.at);
    },
    u32(expression) {
      const slot = slotOf(expression);
      return slot && record.readUInt32LE(slot.at);
    },
  };
}

function reading(record: Buffer, at: number, thread: number): PlanRecord['threads'][number] {
  const { cpu_ns, run_delay_ns, known } = READING.decode(record, at + thread * READING.bytes);
  return known === 0n ? null : { cpuNs: cpu_ns, runDelayNs: run_delay_ns };
}

/** Words of 64 bits, little endian, so a bit is in the byte where it would be without words. */
function bit(record: Buffer, at: number, index: number): boolean {
  return ((record[at + (index >> 3)] ?? 0) & (1 << (index & 7))) !== 0;
}
