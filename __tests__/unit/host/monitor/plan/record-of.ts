import { executeInTs } from '../../../../../bench/execute-in-ts';
import type { KernelMemory } from '../../../../../src/host/monitor/memory/kernel-memory';
import type { PlanRecord } from '../../../../../src/host/monitor/plan/decode-record';
import type { ReadExpression } from '../../../../../src/host/monitor/plan/read-plan';

/** What these expressions read, as a first sample has it. */
export function recordOf(memory: KernelMemory, expressions: readonly ReadExpression[]): PlanRecord {
  const values = executeInTs(memory, { expressions, groups: [], threads: [] });
  const value = (expression: number): Buffer | null => values[expression] ?? null;
  return {
    ...{ sequence: 0n, hostNs: 0n, durationNs: 0n, dropped: 0n, skipped: 0, retries: 0, rejects: 0 },
    ...{ consistent: [], threads: [], threadsRead: false },
    value,
    u64: (expression) => value(expression)?.readBigUInt64LE() ?? null,
    u32: (expression) => value(expression)?.readUInt32LE() ?? null,
  };
}
