import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { shiftCrc } from '../../../src/protocol/crc-shift';

test('shiftCrc() gives the CRC of a whole from the CRCs of its parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ maxLength: 500 }), (head, tail) => {
      const joined = (shiftCrc(crc32(head), tail.length) ^ crc32(tail)) >>> 0;
      expect(joined).toBe(crc32(Buffer.concat([head, tail])));
    }),
  );
});

test('shiftCrc() holds for a tail of 16 MiB', () => {
  const tail = Buffer.alloc(16 * 1024 * 1024, 'ktstr');
  const joined = (shiftCrc(crc32('head'), tail.length) ^ crc32(tail)) >>> 0;
  expect(joined).toBe(crc32(tail, crc32('head')));
});
