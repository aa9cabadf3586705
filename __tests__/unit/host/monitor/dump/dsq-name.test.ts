import { expect, test } from '@jest/globals';

import { dsqName } from '../../../../../src/host/monitor/dump/dsq-name';

test.each([
  { id: 0x2an, name: 'DSQ 0x2a' },
  { id: 0x8000_0000_0000_0001n, name: 'the global DSQ' },
  { id: 0x8000_0000_0000_0002n, name: 'the local DSQ of cpu 5' },
  { id: 0xc000_0000_0000_0007n, name: 'the local DSQ of cpu 7' },
  { id: 0x8000_0000_0000_0000n, name: 'the built-in DSQ 0' },
])('dsqName() calls $id "$name"', ({ id, name }) => {
  expect(dsqName(id, 5)).toBe(name);
});
