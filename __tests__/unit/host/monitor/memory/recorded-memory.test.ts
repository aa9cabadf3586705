import { expect, test } from '@jest/globals';

import { RecordedMemory } from '../../../../../src/host/monitor/memory/recorded-memory';
import { ByteMemory } from '../byte-memory';

test('RecordedMemory remembers what was written until that is taken, as it was then, and nothing that was refused', () => {
  const memory = new ByteMemory(4096);
  const recorded = new RecordedMemory(memory);
  const data = Buffer.from('ab');
  recorded.write(16, data);
  data.write('xx');
  expect(() => recorded.write(4095, Buffer.from('cd'))).toThrow(RangeError);
  expect(recorded.take()).toEqual([{ gpa: 16, data: Buffer.from('ab') }]);
  expect(recorded.take()).toEqual([]);
  expect(recorded.read(16, 2).toString()).toBe('ab');
  expect(recorded.ranges).toBe(memory.ranges);
});
