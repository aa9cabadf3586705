import { writeSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { AnonymousFile } from '../../../../src/host/machine/anonymous-file';
import { readKvmStats } from '../../../../src/host/native/kvm-stats';

const NAME_BYTES = 16;

/** A file in the format of KVM_GET_STATS_FD with a counter and a histogram of three, the second before the first. */
function statsFile(): Buffer {
  const header = Buffer.alloc(24);
  const fields = [0, NAME_BYTES, 2, 24, 40, 40 + 2 * (16 + NAME_BYTES)];
  fields.forEach((value, index) => header.writeUInt32LE(value, index * 4));
  const descriptor = (name: string, size: number, offset: number): Buffer => {
    const bytes = Buffer.alloc(16 + NAME_BYTES);
    bytes.writeUInt16LE(size, 6);
    bytes.writeUInt32LE(offset, 8);
    bytes.write(name, 16);
    return bytes;
  };
  const data = Buffer.alloc(32);
  [7n, 8n, 9n, 2n ** 64n - 1n].forEach((value, index) => data.writeBigUInt64LE(value, index * 8));
  const id = Buffer.alloc(16, 'kvm-1');
  return Buffer.concat([header, id, descriptor('exits', 1, 24), descriptor('halt_wait_hist', 3, 0), data]);
}

test('readKvmStats() gives counters and histograms by name', () => {
  using file = new AnonymousFile(4096);
  writeSync(file.fd, statsFile());
  expect([...readKvmStats(file.fd)]).toEqual([
    ['exits', [2n ** 64n - 1n]],
    ['halt_wait_hist', [7n, 8n, 9n]],
  ]);
});

test.each([0, 23, 60, 120])('readKvmStats() refuses a file that ends after %i bytes', (bytes) => {
  using file = new AnonymousFile(4096);
  writeSync(file.fd, statsFile().subarray(0, bytes));
  expect(() => readKvmStats(file.fd)).toThrow(RangeError);
});
