import { expect } from '@jest/globals';

import { onKvm } from './kvm-kinds';
import { endOf } from './raw-guest';

/** Acknowledged, driver, features, driver ready; and, on top, that the device needs a reset. */
const IN_SERVICE = 0x0f;
const NEEDS_RESET = 0x4f;

/** What a guest of native/guests/virtio.h found, and what of its request arrived. */
async function request(name: string): Promise<{ end: string; used: string; status: number | undefined; port: string }> {
  const { end, com1, port } = await endOf(name);
  return { end, used: com1.slice(0, 1), status: com1.charCodeAt(1), port };
}

onKvm('the console takes a request from the queue of port 1 and gives it back', async () => {
  expect(await request('sends_frame')).toEqual({ end: 'halted', used: '1', status: IN_SERVICE, port: 'a frame' });
});

onKvm.each([
  'buffer_outside',
  'buffer_across',
  'buffer_long',
  'chain_loops',
  'table_indirect',
  'head_outside',
  'index_ahead',
  'ring_outside',
])('the console goes out of service when the guest breaks the rules: %s', async (name) => {
  expect(await request(name)).toEqual({ end: 'halted', used: '0', status: NEEDS_RESET, port: '' });
});
