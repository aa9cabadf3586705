import { describe, expect, test } from '@jest/globals';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, encodeFrame } from '../../../src/protocol/frame';
import { type DecodedItem, FrameDecoder } from '../../../src/protocol/frame-decoder';
import { FRAME_KINDS, type MessageKind } from '../../../src/protocol/messages';

const first = json('testStart', '{"first":1}');
const second = json('console', '{"second":2}');

function json(kind: MessageKind, payload: string): Buffer {
  return encodeFrame(kind, Buffer.from(payload));
}

function header(fields: { kind?: number; length?: number; crc?: number; reserved?: number }): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(fields.kind ?? FRAME_KINDS.console, 0);
  bytes.writeUInt32LE(fields.length ?? 100, 4);
  bytes.writeUInt32LE(fields.crc ?? 0x12345678, 8);
  bytes.writeUInt32LE(fields.reserved ?? 0, 12);
  return bytes;
}

/** Frames as their payload's text, damage as it is. */
function summary(items: DecodedItem[]): unknown[] {
  return items.map((item) => (item.type === 'frame' ? item.frame.payload.toString() : item.damage));
}

function decodeAll(...chunks: Buffer[]): unknown[] {
  const decoder = new FrameDecoder();
  return summary([...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()]);
}

function flipped(frame: Buffer, at: number): Buffer {
  const copy = Buffer.from(frame);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x40, at);
  return copy;
}

describe('push()', () => {
  test('gives frames in wire order, also when cut into single bytes', () => {
    const bytes = Buffer.concat([first, second, first]);
    const expected = ['{"first":1}', '{"second":2}', '{"first":1}'];
    expect(decodeAll(bytes)).toEqual(expected);
    expect(decodeAll(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  test('gives a frame with the very byte that completes it', () => {
    const decoder = new FrameDecoder();
    expect(decoder.push(first.subarray(0, -1))).toEqual([]);
    expect(summary(decoder.push(first.subarray(-1)))).toEqual(['{"first":1}']);
  });

  test('gives payloads that later chunks do not change', () => {
    const decoder = new FrameDecoder();
    const [item] = decoder.push(first);
    for (let round = 0; round < 100; round += 1) decoder.push(Buffer.alloc(2000, 0xff));
    expect(summary(item === undefined ? [] : [item])).toEqual(['{"first":1}']);
  });

  const damaged: { name: string; bytes: Buffer; reason: string }[] = [
    { name: 'a payload with a flipped bit', bytes: flipped(second, 20), reason: 'crc' },
    { name: 'a flipped bit in the CRC', bytes: flipped(second, 9), reason: 'crc' },
    { name: 'an unknown kind', bytes: header({ kind: 99 }), reason: 'kind' },
    { name: 'kind 0', bytes: header({ kind: 0 }), reason: 'kind' },
    { name: 'a reserved word that is not zero', bytes: header({ reserved: 1 }), reason: 'reserved' },
    { name: 'a length over the limit', bytes: header({ length: MAX_PAYLOAD_BYTES + 1 }), reason: 'length' },
    { name: 'the largest length there is', bytes: header({ length: 0xffffffff }), reason: 'length' },
    { name: 'an empty JSON payload', bytes: header({ length: 0, crc: 0 }), reason: 'length' },
    { name: 'a record of another size', bytes: header({ kind: FRAME_KINDS.stepEnd, length: 16 }), reason: 'length' },
    { name: 'a frame that is cut short', bytes: second.subarray(0, -5), reason: 'truncated' },
    { name: 'bytes of no frame', bytes: Buffer.from('hello world, this is not a frame'), reason: 'kind' },
  ];

  test.each(damaged)('reports $name once as $reason and gives the frames around it', ({ bytes, reason }) => {
    expect(decodeAll(Buffer.concat([first, bytes, second]))).toEqual([
      '{"first":1}',
      { offset: first.length, bytes: bytes.length, reason },
      '{"second":2}',
    ]);
  });

  test('gives a frame inside the span that a bogus header claims as soon as the frame is complete', () => {
    const decoder = new FrameDecoder();
    const bogus = header({ length: MAX_PAYLOAD_BYTES });
    const items = decoder.push(Buffer.concat([bogus, first]));
    expect(summary(items)).toEqual([{ offset: 0, bytes: HEADER_BYTES, reason: 'truncated' }, '{"first":1}']);
    expect(decoder.end()).toEqual([]);
  });

  test('gives a frame behind many bogus headers that all end in its payload', () => {
    const bogus = Array.from({ length: 50 }, (_, index) => header({ length: (49 - index) * HEADER_BYTES + 20 }));
    expect(decodeAll(Buffer.concat([...bogus, first])).at(-1)).toBe('{"first":1}');
  });

  test('gives a frame whose header follows bytes that look like the start of another', () => {
    expect(decodeAll(Buffer.concat([Buffer.from([3, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0]), first])).at(-1)).toBe(
      '{"first":1}',
    );
  });

  test('takes frames of the largest size one after the other', () => {
    const large = encodeFrame('result', Buffer.alloc(MAX_PAYLOAD_BYTES, 0x20));
    const decoder = new FrameDecoder();
    const items: DecodedItem[] = [];
    for (let round = 0; round < 2; round += 1) {
      for (let at = 0; at < large.length; at += 1_000_000) {
        items.push(...decoder.push(large.subarray(at, at + 1_000_000)));
      }
    }
    expect(items.map((item) => item.type === 'frame' && item.frame.payload.length)).toEqual([
      MAX_PAYLOAD_BYTES,
      MAX_PAYLOAD_BYTES,
    ]);
  });
});

describe('end()', () => {
  test('reports nothing when the stream ends with a frame', () => {
    expect(decodeAll(first)).toEqual(['{"first":1}']);
  });

  test.each([
    { name: 'a part of a header', tail: first.subarray(0, 7), reason: 'truncated' },
    { name: 'a part of a payload', tail: first.subarray(0, 20), reason: 'truncated' },
    { name: 'a frame with a bad CRC', tail: flipped(first, 18), reason: 'crc' },
    { name: 'zeros', tail: Buffer.alloc(40), reason: 'kind' },
  ])('reports $name at the end as $reason', ({ tail, reason }) => {
    expect(decodeAll(first, tail)).toEqual(['{"first":1}', { offset: first.length, bytes: tail.length, reason }]);
  });

  test('leaves the decoder ready for a new stream, with offsets that count on', () => {
    const decoder = new FrameDecoder();
    decoder.push(first.subarray(0, 20));
    expect(summary(decoder.end())).toEqual([{ offset: 0, bytes: 20, reason: 'truncated' }]);
    expect(summary(decoder.push(Buffer.concat([first, Buffer.from('x')])))).toEqual(['{"first":1}']);
    expect(summary(decoder.end())).toEqual([{ offset: 20 + first.length, bytes: 1, reason: 'truncated' }]);
  });
});
