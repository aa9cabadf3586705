import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeMessage } from '../../../src/protocol/encode-message';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, encodeFrame } from '../../../src/protocol/frame';
import { type DecodedItem, FrameDecoder } from '../../../src/protocol/frame-decoder';
import { FRAME_KINDS, type Message, type MessageKind } from '../../../src/protocol/messages';
import { EXAMPLES } from './example-messages';

interface Piece {
  bytes: Buffer;
  isIntact: boolean;
}

/** Every u64 of a record may stand in the stream as well, so steps and instants take all values. */
const records: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: fc.constant('stepStart' as const), step: u32(), atNs: safe() }),
  fc.record({ kind: fc.constant('stepEnd' as const), step: u32(), atNs: safe(), iterations: safe() }),
);

const intact: fc.Arbitrary<Piece> = fc
  .oneof(
    fc.constantFrom(...Object.values(EXAMPLES)),
    records,
    fc.string().map((name): Message => ({ kind: 'testStart', name, atNs: 1 })),
  )
  .map((message) => ({ bytes: encodeMessage(message), isIntact: true }));

/** Headers without fault whose payload is not there, or is not what the CRC says. */
const bogusHeader = fc
  .record({
    kind: fc.constantFrom(...Object.values(FRAME_KINDS)),
    length: fc.oneof(fc.nat(64), fc.nat(2000), fc.integer({ min: 0, max: MAX_PAYLOAD_BYTES })),
    crc: u32(),
  })
  .map(({ kind, length, crc }) => {
    const bytes = Buffer.alloc(HEADER_BYTES);
    bytes.writeUInt32LE(kind, 0);
    bytes.writeUInt32LE(length, 4);
    bytes.writeUInt32LE(crc, 8);
    return bytes;
  });

const smallWords = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 40 }).map((values) => words(...values));

const mutated = fc.tuple(intact, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([piece, at, mask]) => {
  const bytes = Buffer.from(piece.bytes);
  const index = at % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(index) ^ mask, index);
  return bytes;
});

const cut = fc.tuple(intact, fc.nat()).map(([piece, at]) => piece.bytes.subarray(0, at % piece.bytes.length));

const noise: fc.Arbitrary<Piece> = fc
  .oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    bogusHeader,
    smallWords,
    mutated,
    cut,
  )
  .map((bytes) => ({ bytes, isIntact: false }));

const stream = fc.array(fc.oneof(intact, noise), { maxLength: 30 });
const cuts = fc.array(fc.nat(), { maxLength: 20 });

function words(...values: number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function u32(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 0xffffffff });
}

function safe(): fc.Arbitrary<number> {
  return fc.maxSafeNat();
}

function decode(bytes: Buffer, cutAt: readonly number[]): DecodedItem[] {
  const decoder = new FrameDecoder();
  const ends = [...cutAt.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  const items: DecodedItem[] = [];
  let from = 0;
  for (const to of ends) {
    items.push(...decoder.push(bytes.subarray(from, to)));
    from = to;
  }
  return [...items, ...decoder.end()];
}

/** What the items stand for, as the bytes of frames and the lengths of damage, in order. */
function framesIn(items: readonly DecodedItem[]): string[] {
  return items.flatMap((item) =>
    item.type === 'frame' ? [encodeFrame(item.frame.kind, item.frame.payload).toString('hex')] : [],
  );
}

/** Where something stands in the stream, and its bytes. */
interface Placed {
  at: number;
  bytes: Buffer;
}

/** The frames among the items, which follow each other without a gap. */
function placedFrames(items: readonly DecodedItem[]): Placed[] {
  let next = 0;
  return items.flatMap((item) => {
    const at = next;
    if (item.type === 'damage') {
      next += item.damage.bytes;
      return [];
    }
    const bytes = encodeFrame(item.frame.kind, item.frame.payload);
    next += bytes.length;
    return [{ at, bytes }];
  });
}

function placedPieces(pieces: readonly Piece[]): (Placed & Piece)[] {
  let next = 0;
  return pieces.map((piece) => {
    const at = next;
    next += piece.bytes.length;
    return { ...piece, at };
  });
}

function holdsByte({ at, bytes }: Placed, offset: number): boolean {
  return at <= offset && offset < at + bytes.length;
}

const isAt = (frame: Placed, { at, bytes }: Placed): boolean => frame.at === at && frame.bytes.equals(bytes);

test('FrameDecoder gives every intact frame where it stands, whatever lies between and however the stream is cut', () => {
  const counts = { sent: 0, missing: 0 };
  fc.assert(
    fc.property(stream, cuts, (pieces, cutAt) => {
      const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
      const found = placedFrames(decode(bytes, cutAt));
      const isThere = (frame: Placed): boolean =>
        bytes.subarray(frame.at, frame.at + frame.bytes.length).equals(frame.bytes);
      expect(found.filter((frame) => !isThere(frame))).toEqual([]);
      const placed = placedPieces(pieces);
      const sent = placed.filter(({ isIntact }) => isIntact);
      const gaps = placed.filter(({ isIntact }) => !isIntact);
      // What is missing of a frame that was cut may happen to be what the next one begins with: then it is whole, and the next one is not.
      const completed = found.filter(({ at }) => gaps.some((gap) => holdsByte(gap, at)));
      const isTaken = ({ at }: Placed): boolean => completed.some((frame) => holdsByte(frame, at));
      const missing = sent.filter((frame) => !found.some((other) => isAt(other, frame)));
      expect(missing.filter((frame) => !isTaken(frame))).toEqual([]);
      counts.sent += sent.length;
      counts.missing += missing.length;
    }),
    { numRuns: 1000 },
  );
  // Some 2300 are sent, of which it is one or none.
  expect(counts.sent).toBeGreaterThan(1000);
  expect(counts.missing).toBeLessThan(20);
});

test('FrameDecoder gives the same items however the stream is cut', () => {
  fc.assert(
    fc.property(stream, cuts, (pieces, cutAt) => {
      const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
      expect(decode(bytes, cutAt)).toEqual(decode(bytes, []));
    }),
    { numRuns: 300 },
  );
});

test('FrameDecoder accounts for every byte once, as a frame or as damage', () => {
  fc.assert(
    fc.property(stream, cuts, (pieces, cutAt) => {
      const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
      let offset = 0;
      for (const item of decode(bytes, cutAt)) {
        if (item.type === 'damage') expect(item.damage.offset).toBe(offset);
        offset += item.type === 'damage' ? item.damage.bytes : HEADER_BYTES + item.frame.payload.length;
      }
      expect(offset).toBe(bytes.length);
    }),
    { numRuns: 300 },
  );
});

/** The headers of `lengths`, over and over: all are open at once when the lengths are large. */
function headers(byteCount: number, length: number): Buffer {
  const unit = Buffer.alloc(HEADER_BYTES);
  unit.writeUInt32LE(FRAME_KINDS.console satisfies number, 0);
  unit.writeUInt32LE(length, 4);
  unit.writeUInt32LE(0x5a5a5a5a, 8);
  return Buffer.alloc(byteCount, unit);
}

const hostile: { name: string; make: (byteCount: number) => Buffer }[] = [
  { name: 'headers that claim the limit', make: (byteCount) => headers(byteCount, MAX_PAYLOAD_BYTES) },
  { name: 'headers that claim a megabyte', make: (byteCount) => headers(byteCount, 1 << 20) },
  { name: 'headers that claim 16 bytes', make: (byteCount) => headers(byteCount, 16) },
  { name: 'zeros', make: (byteCount) => Buffer.alloc(byteCount) },
  { name: 'overlapping headers', make: (byteCount) => Buffer.alloc(byteCount, words(3, 3, 3, 0, 0, 0)) },
];

test.each(hostile)('FrameDecoder gives a frame behind 4 MiB of $name within seconds', ({ make }) => {
  const last = encodeFrame('result', Buffer.from('{}'));
  const startedAt = performance.now();
  const items = decode(Buffer.concat([make(4 << 20), last]), [100_000, 200_000, 1_000_003]);
  expect(framesIn(items)).toEqual([last.toString('hex')]);
  // Quadratic work would be 2^40 steps; linear work takes a tenth of a second. The bound leaves room for a busy machine.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('FrameDecoder does not throw for any bytes at all', () => {
  const kinds = Object.keys(FRAME_KINDS) as MessageKind[];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (bytes, cutAt) => {
      for (const item of decode(Buffer.from(bytes), cutAt)) {
        if (item.type === 'frame') expect(kinds).toContain(item.frame.kind);
      }
    }),
  );
});
