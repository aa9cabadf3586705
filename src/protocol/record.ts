import { RECORD_BYTES } from './frame';
import type { Messages } from './messages';

/** The binary record of a stepStart. Numbers are whole and at most 2^53 - 1. */
export function encodeStepStart(step: Messages['stepStart']): Buffer {
  const record = Buffer.alloc(RECORD_BYTES.stepStart);
  record.writeUInt32LE(step.step, 0);
  record.writeBigUInt64LE(BigInt(step.atNs), 8);
  return record;
}

/** The binary record of a stepEnd. Numbers are whole and at most 2^53 - 1. */
export function encodeStepEnd(step: Messages['stepEnd']): Buffer {
  const record = Buffer.alloc(RECORD_BYTES.stepEnd);
  record.writeUInt32LE(step.step, 0);
  record.writeBigUInt64LE(BigInt(step.atNs), 8);
  record.writeBigUInt64LE(BigInt(step.iterations), 16);
  return record;
}

/** Null when the record has another size. A u64 above 2^53 is rounded: nothing in a guest counts that far. */
export function decodeStepStart(record: Buffer): Messages['stepStart'] | null {
  if (record.length !== RECORD_BYTES.stepStart) return null;
  return { step: record.readUInt32LE(0), atNs: Number(record.readBigUInt64LE(8)) };
}

/** Null when the record has another size. A u64 above 2^53 is rounded: nothing in a guest counts that far. */
export function decodeStepEnd(record: Buffer): Messages['stepEnd'] | null {
  if (record.length !== RECORD_BYTES.stepEnd) return null;
  return {
    step: record.readUInt32LE(0),
    atNs: Number(record.readBigUInt64LE(8)),
    iterations: Number(record.readBigUInt64LE(16)),
  };
}
