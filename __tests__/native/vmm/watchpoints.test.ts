import { describe, expect } from '@jest/globals';

import { decodeHits, HIT_BYTES } from '../../../src/host/native/watch-hits';
import { waitUntil } from '../processes';
import { onDebugRegisters, onKvm } from './kvm-kinds';
import { startRawGuest } from './raw-guest';
import { scaledMs } from '../../../src/spec/time-scale';

const PAUSE_DEADLINE_MS = scaledMs(10_000);
/** As native/guests/counts.S has it: the word that it counts in, and where it is behind the write. */
const COUNTER = 0x3000;
const BEHIND_WRITE = 0x1008;

describe('vmm_watch()', () => {
  onKvm('refuses what no debug register watches, and a machine that runs', async () => {
    await using guest = await startRawGuest('counts', {
      prepare: (vmm) => {
        const point = { slot: 0, address: 0x3000n, bytes: 2, pauses: true } as const;
        for (const wrong of [{ slot: 4 }, { bytes: 3 }, { bytes: 16 }, { address: 0x3001n }])
          expect(() => vmm.watch({ ...point, ...(wrong as object) })).toThrow(
            expect.objectContaining({ code: 'vmm', fields: expect.objectContaining({ phase: 'watch' }) }),
          );
        vmm.watch(point);
        vmm.unwatch(0);
      },
    });
    const watch = (): void => guest.vmm.watch({ slot: 0, address: 0x3000n, bytes: 2, pauses: false });
    expect(watch).toThrow(expect.objectContaining({ fields: expect.objectContaining({ detail: 'the machine runs' }) }));
    await guest.vmm.pause(PAUSE_DEADLINE_MS);
    watch();
    guest.vmm.unwatch(0);
    guest.vmm.resume();
  });

  onDebugRegisters(
    'pauses at a write, tells of others, and of none when it is over (needs debug registers of a real CPU)',
    async () => {
      await using guest = await startRawGuest('counts', {
        prepare: (vmm) => vmm.watch({ slot: 2, address: BigInt(COUNTER), bytes: 2, pauses: true }),
      });
      const { vmm, hits } = guest;
      const counter = Buffer.alloc(2);
      await waitUntil('the counter is written', () => hits.length >= HIT_BYTES);
      await vmm.pause(PAUSE_DEADLINE_MS);
      vmm.read(COUNTER, counter);
      const hit = { vcpu: 0, slot: 2, rip: BigInt(BEHIND_WRITE), address: BigInt(COUNTER), pauses: true };
      expect({ hits: recordsOf(hits), counter: counter.readUInt16LE() }).toEqual({ hits: [hit], counter: 1 });
      expect(Number(vmm.registers(0).rip)).toBe(BEHIND_WRITE);

      vmm.unwatch(2);
      vmm.watch({ slot: 3, address: BigInt(COUNTER), bytes: 1, pauses: false });
      vmm.resume();
      await waitUntil('it is written again', () => hits.length >= 4 * HIT_BYTES);
      await vmm.pause(PAUSE_DEADLINE_MS);
      hits.drain();
      expect(recordsOf(hits)[3]).toEqual({ ...hit, slot: 3, pauses: false });

      vmm.unwatch(3);
      const { length } = hits;
      vmm.read(COUNTER, counter);
      const before = counter.readUInt16LE();
      vmm.resume();
      await waitUntil('it counts on', () => vmm.read(COUNTER, counter) && counter.readUInt16LE() !== before);
      hits.drain();
      expect(hits.length).toBe(length);
    },
  );
});

function recordsOf(hits: { text(): string }): unknown[] {
  return decodeHits(Buffer.from(hits.text(), 'latin1'));
}
