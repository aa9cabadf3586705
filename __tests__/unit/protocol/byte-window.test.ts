import { expect, test } from '@jest/globals';
import { ByteWindow } from '../../../src/protocol/byte-window';

function pattern(from: number, to: number): Buffer {
  return Buffer.from(Array.from({ length: to - from }, (_, index) => (from + index) % 251));
}

test('ByteWindow keeps offsets and bytes over many appends and discards', () => {
  const window = new ByteWindow();
  for (let round = 0; round < 200; round += 1) {
    window.append(pattern(round * 1000, round * 1000 + 1000));
    window.discardBefore(round * 1000 - 3000);
    expect(window.view(window.start, window.end).equals(pattern(window.start, window.end))).toBe(true);
  }
  expect([window.start, window.end]).toEqual([196_000, 200_000]);
});

test('ByteWindow takes a chunk larger than what it holds', () => {
  const window = new ByteWindow();
  window.append(pattern(0, 10));
  window.discardBefore(4);
  window.append(pattern(10, 300_000));
  expect(window.view(4, 300_000).equals(pattern(4, 300_000))).toBe(true);
});
