import { crc32 } from 'node:zlib';
import { HarnessError } from '../errors';
import { FRAME_KINDS, type MessageKind } from './messages';

/** kind u32, payload length u32, CRC-32 of the payload u32, reserved u32 (zero); little endian. */
export const HEADER_BYTES = 16;

/** Chosen: two orders of magnitude over the largest result seen. A larger value only raises what a damaged length can make the reader hold. */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** Payloads that are binary records of one size; all others are JSON objects in UTF-8. */
export const RECORD_BYTES = { stepStart: 16, stepEnd: 24 } as const;

export type RecordKind = keyof typeof RECORD_BYTES;

/** The bytes of one message: what the header says its payload means, and the payload, whose CRC is right. */
export interface Frame {
  kind: MessageKind;
  payload: Buffer;
}

export type HeaderFault = 'kind' | 'reserved' | 'length';

const SMALLEST_JSON = '{}'.length;
const KIND_BY_CODE = new Map<number, MessageKind>();
const LENGTHS: { min: number; max: number }[] = [];
for (const [kind, code] of Object.entries(FRAME_KINDS) as [MessageKind, number][]) {
  KIND_BY_CODE.set(code, kind);
  LENGTHS[code] = isRecordKind(kind)
    ? { min: RECORD_BYTES[kind], max: RECORD_BYTES[kind] }
    : { min: SMALLEST_JSON, max: MAX_PAYLOAD_BYTES };
}

export function isRecordKind(kind: MessageKind): kind is RecordKind {
  return Object.hasOwn(RECORD_BYTES, kind);
}

/**
 * Header and payload as one buffer.
 * @throws HarnessError `frame-too-large` when the payload is over the limit, so that the caller can send less instead.
 */
export function encodeFrame(kind: MessageKind, payload: Buffer): Buffer {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new HarnessError('frame-too-large', { kind, bytes: payload.length, limitBytes: MAX_PAYLOAD_BYTES });
  }
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt32LE(FRAME_KINDS[kind], 0);
  frame.writeUInt32LE(payload.length, 4);
  frame.writeUInt32LE(crc32(payload), 8);
  frame.writeUInt32LE(0, 12);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}

/** What keeps the 16 bytes at `at` from being a header; null when nothing does. */
export function headerFault(bytes: Buffer, at: number): HeaderFault | null {
  const lengths = LENGTHS[bytes.readUInt32LE(at)];
  if (lengths === undefined) return 'kind';
  if (bytes.readUInt32LE(at + 12) !== 0) return 'reserved';
  const length = bytes.readUInt32LE(at + 4);
  return length < lengths.min || length > lengths.max ? 'length' : null;
}

/** The kind that a header without fault names. */
export function headerKind(bytes: Buffer, at: number): MessageKind {
  const kind = KIND_BY_CODE.get(bytes.readUInt32LE(at));
  if (kind === undefined) throw new RangeError('headerKind: the bytes are not a header');
  return kind;
}
