import { readdirSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { deviceState, judgeDevice } from '../../../src/host/doctor/kvm';
import { kvmObstacle } from '../../../src/host/machine/kvm/kvm-obstacle';
import { waitUntil } from '../processes';
import { endOf, RAW_MEMORY_BYTES, startRawGuest } from './raw-guest';

const isUsable = judgeDevice(deviceState()).status === 'ok';
const onKvm = isUsable ? test : test.skip;
/** An emulation of KVM runs few instructions, and need not see every fault. */
const onRealKvm = isUsable && kvmObstacle() === null ? test : test.skip;

/** A leak of one descriptor or thread per machine would show in the first. */
const CYCLES = 20;
const PAUSE_DEADLINE_MS = 10_000;
/** Where every raw guest is loaded: native/vmm/boot.h. */
const CODE_GPA = 0x1000;

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

describe('vmm_read()', () => {
  onKvm('reads what the guest has, and nothing outside its memory', async () => {
    await using guest = await startRawGuest('spins');
    const code = Buffer.alloc(2);
    expect(guest.vmm.read(CODE_GPA, code)).toBe(true);
    // xor %ax, %ax
    expect(code).toEqual(Buffer.from([0x31, 0xc0]));
    expect(guest.vmm.read(RAW_MEMORY_BYTES - 2, code)).toBe(true);
    expect(guest.vmm.read(RAW_MEMORY_BYTES - 1, code)).toBe(false);
    expect(guest.vmm.read(0xfee0_0000, code)).toBe(false);
    expect(guest.vmm.read(2 ** 52, code)).toBe(false);
  });
});

describe('a machine', () => {
  onKvm('refuses a shape without vcpus', async () => {
    await expect(startRawGuest('spins', { cpus: 0 })).rejects.toMatchObject({
      code: 'vmm',
      fields: { phase: 'configure' },
    });
  });

  onKvm(
    'of four vcpus gives back its descriptors and threads, however often',
    async () => {
      const cycle = async (): Promise<void> => {
        await using guest = await startRawGuest('ticks', { cpus: 4 });
        await waitUntil('the guest writes', () => guest.com1.length > 0);
      };
      await cycle();
      const before = held();
      for (let i = 0; i < CYCLES; i++) await cycle();
      await waitUntil('all is given back', () => JSON.stringify(held()) === JSON.stringify(before));
    },
    120_000,
  );
});

function held(): { vcpuDescriptors: number; threads: number } {
  return {
    vcpuDescriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
  };
}
