import { expect } from '@jest/globals';

import { VMM_KICK } from '../../../src/host/native/vmm-layout';
import { onKvm } from './kvm-kinds';
import { endOf, type RawGuest, startRawGuest } from './raw-guest';
import { scaledMs } from '../../../src/spec/time-scale';

/** As native/guests/sends_frames.S counts. */
const FRAMES = Array.from({ length: 2000 }, (_, frame) => `${frame.toString(16).padStart(7, '0')}\n`).join('');
const PAUSE_DEADLINE_MS = scaledMs(10_000);

onKvm.each([
  { name: 'its vcpu', kick: VMM_KICK.exit },
  { name: 'a thread', kick: VMM_KICK.event },
])('a guest that powers off after its last frame has sent all, carried by $name, in order', async ({ kick }) => {
  const { end, port } = await endOf('sends_frames', { config: { kick } });
  expect(end).toBe('poweroff');
  expect(port === FRAMES ? 'all frames' : port.slice(0, 1000)).toBe('all frames');
});

onKvm('a pause waits for the frames that a thread carries, and nothing changes in it', async () => {
  await using guest = await startRawGuest('sends_frames', { config: { kick: VMM_KICK.event } });
  await pauseAmidFrames(guest);
  const ring = Buffer.alloc(4096);
  expect(guest.vmm.read(0x12000, ring)).toBe(true);
  const { length } = guest.port;
  await new Promise((resolve) => setTimeout(resolve, 50));
  guest.port.drain();
  const later = Buffer.alloc(4096);
  expect(guest.vmm.read(0x12000, later)).toBe(true);
  expect({ length: guest.port.length, isSame: later.equals(ring) }).toEqual({ length, isSame: true });
  guest.vmm.resume();
  expect(await guest.vmm.ended).toMatchObject({ end: 'poweroff' });
  guest.port.drain();
  expect(guest.port.text()).toBe(FRAMES);
});

/** Pauses a guest that has sent some of its frames. Between pauses it runs for moments only, in which no host brings it to its end. */
async function pauseAmidFrames({ vmm, port }: RawGuest): Promise<void> {
  const deadline = performance.now() + PAUSE_DEADLINE_MS;
  for (;;) {
    await vmm.pause(PAUSE_DEADLINE_MS);
    port.drain();
    if (port.length > 0 || performance.now() > deadline) break;
    vmm.resume();
  }
  expect(port.length).toBeGreaterThan(0);
  expect(port.length).toBeLessThan(FRAMES.length);
}
