import { MONITOR_MAX_STEPS, MONITOR_STRUCTURES } from '../../native/monitor-layout';
import { structureCodec } from '../../native/structure-codec';
import { alignUp } from '../../native/structure-layout';
import type { ReadExpression, ReadPlan } from './read-plan';

/** Where the parts of a plan's records are: native/abi/monitor.h. */
export interface RecordLayout {
  recordBytes: number;
  validAt: number;
  consistentAt: number;
  threadsAt: number;
  threadCount: number;
  groupCount: number;
  /** Of each expression, from the start of the record. */
  slots: readonly { at: number; length: number }[];
}

/** A plan as native/monitor takes it. */
export interface EncodedPlan extends RecordLayout {
  bytes: Buffer;
}

const PLAN = structureCodec(MONITOR_STRUCTURES.monitor_plan);
const EXPRESSION = structureCodec(MONITOR_STRUCTURES.monitor_expression);
const GROUP = structureCodec(MONITOR_STRUCTURES.monitor_group);
const THREAD = structureCodec(MONITOR_STRUCTURES.monitor_thread);
const RECORD = structureCodec(MONITOR_STRUCTURES.monitor_record);
const READING = structureCodec(MONITOR_STRUCTURES.monitor_reading);

/** Values are laid out in the order of the expressions, each at a multiple of 8. Bounds are checked by native/monitor. */
export function encodePlan(plan: ReadPlan): EncodedPlan {
  const { expressions, groups, threads } = plan;
  const outs = slotsOf(expressions);
  const payloadBytes = outs.reduce((end, { at, length }) => Math.max(end, alignUp(at + length, 8)), 0);
  const header = {
    expression_count: expressions.length,
    group_count: groups.length,
    thread_count: threads.length,
    thread_every: plan.threadsEvery ?? 1,
    payload_bytes: payloadBytes,
    reserved: 0,
  };
  const records = expressions.map((expression, index) => expressionRecord(expression, outs[index]?.at ?? 0));
  const parts = [
    PLAN.encode([header]),
    EXPRESSION.encode(records),
    GROUP.encode([...groups]),
    THREAD.encode([...threads]),
  ];
  const validAt = RECORD.bytes;
  const consistentAt = validAt + bitmapBytes(expressions.length);
  const threadsAt = consistentAt + bitmapBytes(groups.length);
  const payloadAt = threadsAt + threads.length * READING.bytes;
  return {
    bytes: Buffer.concat(parts),
    recordBytes: payloadAt + payloadBytes,
    ...{ validAt, consistentAt, threadsAt },
    ...{ threadCount: threads.length, groupCount: groups.length },
    slots: outs.map(({ at, length }) => ({ at: payloadAt + at, length })),
  };
}

function slotsOf(expressions: readonly ReadExpression[]): { at: number; length: number }[] {
  let end = 0;
  return expressions.map(({ length }) => {
    const at = end;
    end = alignUp(at + length, 8);
    return { at, length };
  });
}

function expressionRecord(
  { base, steps = [], offset = 0, length, every = 1 }: ReadExpression,
  out: number,
): Parameters<typeof EXPRESSION.encode>[0][number] {
  if (steps.length > MONITOR_MAX_STEPS)
    throw new RangeError(
      `encode a read plan: an expression has ${steps.length} steps, allowed are ${MONITOR_MAX_STEPS}`,
    );
  const words = steps.map((step) => BigInt(step));
  return { base, steps: words, offset, step_count: steps.length, length, out, every };
}

function bitmapBytes(bits: number): number {
  return alignUp(bits, 64) / 8;
}
