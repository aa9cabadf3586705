import { expect, test } from '@jest/globals';

import { decodeProbeOutput } from '../../../../../src/host/monitor/probe/decode-output';

function entry(kind: number, hit: bigint, payload: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(kind, 0);
  header.writeUInt32LE(payload.length, 4);
  header.writeBigUInt64LE(hit, 8);
  return Buffer.concat([header, payload]);
}

const RECORD = Buffer.from('a record of the plan');
const OUTPUT = Buffer.concat([
  entry(1, 10n, RECORD),
  entry(2, 10n, Buffer.from('0102030405060708', 'hex')),
  entry(3, 12n, Buffer.alloc(0)),
]);
const ENTRIES = [
  { kind: 'sample', hit: 10n, record: RECORD },
  { kind: 'digest', hit: 10n, digest: 0x0807_0605_0403_0201n },
  { kind: 'end', hit: 12n },
];

test('decodeProbeOutput() gives what was written down, in order', () => {
  expect(decodeProbeOutput(OUTPUT)).toEqual(ENTRIES);
});

test('decodeProbeOutput() leaves out an entry that is cut short, at every length', () => {
  const whole = [0, 16 + RECORD.length, 16 + RECORD.length + 24, OUTPUT.length];
  for (let length = 0; length <= OUTPUT.length; length++) {
    const expected = whole.filter((end) => end > 0 && end <= length).length;
    expect(decodeProbeOutput(OUTPUT.subarray(0, length))).toEqual(ENTRIES.slice(0, expected));
  }
});

test.each([
  { name: 'of no kind', bytes: entry(9, 1n, Buffer.alloc(0)) },
  { name: 'of a digest with 4 bytes', bytes: entry(2, 1n, Buffer.alloc(4)) },
  { name: 'of an end with bytes', bytes: entry(3, 1n, Buffer.alloc(1)) },
])('decodeProbeOutput() refuses an entry $name', ({ bytes }) => {
  expect(() => decodeProbeOutput(bytes)).toThrow(expect.objectContaining({ code: 'decode' }));
});
