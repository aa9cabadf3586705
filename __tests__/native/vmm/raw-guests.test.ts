import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect } from '@jest/globals';

import type { Vmm } from '../../../src/host/native/vmm';
import { VMM_IMAGE, VMM_MEMORY } from '../../../src/host/native/vmm-layout';
import { waitUntil } from '../processes';
import { onKvm, onRealKvm } from './kvm-kinds';
import { endOf, startRawGuest } from './raw-guest';
import { scaledMs } from '../../../src/spec/time-scale';

/** A leak of one descriptor or thread per machine would show in the first. */
const CYCLES = 20;
const PAUSE_DEADLINE_MS = scaledMs(10_000);
/** Where every raw guest is loaded: native/vmm/boot.h. */
const CODE_GPA = 0x1000;
/** Where native/guests/runs_nowhere.S jumps to. */
const NOWHERE = 0xd100_0000;

describe('a raw guest', () => {
  onKvm('writes to COM1, byte by byte, and halts', async () => {
    expect(await endOf('writes_com1')).toEqual({
      ...{ end: 'halted', vcpu: 0, reason: 0, detail: '' },
      com1: 'hello from real mode\n',
      port: '',
    });
  });

  onKvm.each([
    { name: 'powers_off', end: 'poweroff' },
    { name: 'resets', end: 'reset' },
  ])('$name ends its machine as $end', async ({ name, end }) => {
    expect(await endOf(name)).toMatchObject({ end, com1: '' });
  });

  onRealKvm('that has no handler for its fault ends as triple-fault (needs a CPU with vmx or svm)', async () => {
    expect(await endOf('triple_faults')).toMatchObject({ end: 'triple-fault' });
  });

  onKvm('reads ones where no device answers', async () => {
    const { end, com1 } = await endOf('reads_nothing');
    expect({ end, com1: Buffer.from(com1, 'latin1') }).toEqual({ end: 'halted', com1: Buffer.from([0xff, 0]) });
  });

  onKvm(
    'reads a device in the accesses that it takes, zeroes in others, and ones where none is or one ends',
    async () => {
      const { end, com1 } = await endOf('reads_mmio');
      expect({ end, com1: Buffer.from(com1, 'latin1').toString('hex') }).toEqual({
        end: 'halted',
        com1: ['76697274', '0000', '00', 'ffffffff', '0000ffff'].join(''),
      });
    },
  );
});

describe('a raw guest with interrupt controllers', () => {
  const config = { image: VMM_IMAGE.rawInterrupts };
  /** The APIC id of the second vcpu is 256. */
  const farApart = { ...config, llcs: 2, apic_llc_bits: 8 };

  onKvm('gets an edge once, and a level until its cause is gone, by our IOAPIC', async () => {
    expect(await endOf('ioapic', { config: farApart })).toMatchObject({ end: 'poweroff', com1: '13' });
  });

  onRealKvm("gets the same by KVM's (needs a CPU with vmx or svm)", async () => {
    expect(await endOf('ioapic', { config })).toMatchObject({ end: 'poweroff', com1: '13' });
  });

  onKvm('is woken from its halts by the interrupts of COM1', async () => {
    expect(await endOf('interrupts', { config })).toMatchObject({ end: 'poweroff', com1: '3' });
  });

  onKvm(
    'that halts is taken out of its halt by a pause and by a stop, and not by what comes after a pause',
    async () => {
      await using guest = await startRawGuest('halts', { config });
      await waitUntil('the guest is about to halt', () => guest.vmm.info().exits > 0);
      await guest.vmm.pause(PAUSE_DEADLINE_MS);
      guest.vmm.resume();
      await guest.vmm.pause(PAUSE_DEADLINE_MS);
      guest.com1.drain();
      // The line is not whole, and yet it is there: a pause passes on all that was written.
      expect(guest.com1.text()).toBe('h');
      guest.vmm.resume();
      guest.vmm.stop();
      expect(await guest.vmm.ended).toMatchObject({ end: 'stopped' });
    },
  );
});

describe('the registers of a machine that ended', () => {
  onKvm('tell where KVM could not go on', async () => {
    await using guest = await startRawGuest('runs_nowhere');
    expect(await guest.vmm.ended).toMatchObject({
      ...{ end: 'internal-error', vcpu: 0 },
      detail: expect.stringContaining('KVM internal error 1'),
    });
    const { rip, rax, rbx, cs } = guest.vmm.registers(0);
    expect({ rip: Number(rip), rax: Number(rax), cs: Number(cs) }).toEqual({ rip: NOWHERE, rax: NOWHERE, cs: 8 });
    expect(Number(rbx)).toBe(0x5eed);
  });
});

describe('vmm_pause()', () => {
  onKvm('takes a guest that spins out of it, shows its registers, and lets it go on', async () => {
    await using guest = await startRawGuest('spins');
    expect(() => guest.vmm.registers(0)).toThrow(expect.objectContaining({ code: 'vmm' }));
    await guest.vmm.pause(PAUSE_DEADLINE_MS);
    const { rip } = guest.vmm.registers(0);
    expect(Number(rip)).toBeGreaterThanOrEqual(CODE_GPA);
    expect(() => guest.vmm.registers(1)).toThrow(expect.objectContaining({ code: 'vmm' }));
    guest.vmm.resume();
    expect(() => guest.vmm.registers(0)).toThrow(expect.objectContaining({ code: 'vmm' }));
  });

  onKvm('stops the bytes of a guest that writes, and loses none', async () => {
    await using guest = await startRawGuest('ticks');
    const { vmm, com1 } = guest;
    await waitUntil('the guest writes', () => com1.length > 0);
    await vmm.pause(PAUSE_DEADLINE_MS);
    com1.drain();
    const { length } = com1;
    await new Promise((resolve) => setTimeout(resolve, 50));
    com1.drain();
    expect(com1.length).toBe(length);
    vmm.resume();
    await waitUntil('the guest writes on', () => com1.length > length);
    await vmm.pause(PAUSE_DEADLINE_MS);
    com1.drain();
    // Each byte is one exit; the last one may be counted before it is written.
    expect(Math.abs(Number(vmm.info().exits) - com1.length)).toBeLessThanOrEqual(1);
  });

  onKvm('of a machine that has ended returns at once', async () => {
    await using guest = await startRawGuest('writes_com1');
    await guest.vmm.ended;
    await guest.vmm.pause(PAUSE_DEADLINE_MS);
    expect(Number(guest.vmm.registers(0).rip)).toBeGreaterThan(CODE_GPA);
  });
});

describe('vmm_stop()', () => {
  onKvm('ends a guest that spins, running or paused', async () => {
    for (const isPaused of [false, true]) {
      await using guest = await startRawGuest('spins');
      if (isPaused) await guest.vmm.pause(PAUSE_DEADLINE_MS);
      guest.vmm.stop();
      expect(await guest.vmm.ended).toMatchObject({ end: 'stopped' });
    }
  });
});

describe('a machine', () => {
  onKvm('refuses a shape without vcpus', async () => {
    await expect(startRawGuest('spins', { cpus: 0 })).rejects.toMatchObject({
      code: 'vmm',
      fields: { phase: 'configure' },
    });
  });

  onKvm('of 252 LLCs of one has as many vcpus, whose APIC ids are all in reach', async () => {
    // Stopped before it starts: so many vcpus that spin would hold up whatever runs beside them.
    const shape = { config: { llcs: 252, cores: 1 }, prepare: (vmm: Vmm) => vmm.stop() };
    await using guest = await startRawGuest('spins', shape);
    expect(guest.vmm.info().vcpus).toBe(252);
    expect(await guest.vmm.ended).toMatchObject({ end: 'stopped' });
  });

  onKvm('of 14 LLCs of 18 has as many vcpus, whose APIC ids are beyond its reach', async () => {
    const config = { llcs: 14, cores: 18, image: VMM_IMAGE.rawInterrupts };
    await using guest = await startRawGuest('spins', { config, prepare: (vmm) => vmm.stop() });
    expect(guest.vmm.info().vcpus).toBe(252);
    expect(await guest.vmm.ended).toMatchObject({ end: 'stopped' });
  });

  onKvm('whose APIC ids KVM does not have is refused by the capability that lacks', async () => {
    await expect(startRawGuest('spins', { config: { llcs: 8, apic_llc_bits: 12 } })).rejects.toMatchObject({
      ...{ code: 'vmm', fields: { phase: 'configure', call: 'KVM_CAP_MAX_VCPU_ID' } },
    });
  });

  onKvm(
    'of four vcpus gives back its descriptors, threads and mappings, however often',
    async () => {
      const config = { memory_kind: VMM_MEMORY.shared };
      const cycle = async (): Promise<void> => {
        await using guest = await startRawGuest('ticks', { cpus: 4, config });
        await waitUntil('the guest writes', () => guest.com1.length > 0);
        expect(held().mappings).toBe(before.mappings + 1 + 4);
      };
      const before = { ...held() };
      await cycle();
      Object.assign(before, held());
      for (let i = 0; i < CYCLES; i++) await cycle();
      await waitUntil('all is given back', () => JSON.stringify(held()) === JSON.stringify(before));
    },
    120_000,
  );

  onKvm('that is made and never started is given back', async () => {
    const config = { memory_kind: VMM_MEMORY.shared };
    const attempt = async (): Promise<void> => {
      let made = held();
      const prepare = (): never => {
        made = held();
        throw new Error('the caller gives up');
      };
      await expect(startRawGuest('spins', { config, prepare })).rejects.toThrow('the caller gives up');
      expect(made.mappings).toBe(before.mappings + 1 + 1);
    };
    let before = held();
    await attempt();
    before = held();
    for (let i = 0; i < CYCLES; i++) await attempt();
    await waitUntil('all is given back', () => JSON.stringify(held()) === JSON.stringify(before));
  });
});

/** RAM is one mapping, and so is the record that KVM keeps of each vcpu. */
function held(): { descriptors: number; threads: number; mappings: number } {
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    mappings: readFileSync('/proc/self/maps', 'utf8').match(/ktstr-ram|kvm-vcpu/g)?.length ?? 0,
  };
}
