import { closeSync, readFileSync } from 'node:fs';

import { describe, expect } from '@jest/globals';

import { readKvmStats } from '../../../src/host/native/kvm-stats';
import type { Vmm } from '../../../src/host/native/vmm';
import { parseCpuList } from '../../../src/spec/topology/cpu-list';
import { schedulingOf, waitUntil } from '../processes';
import { onKvm } from './kvm-kinds';
import { startRawGuest } from './raw-guest';
import { scaledMs } from '../../../src/spec/time-scale';

const BEGIN_DEADLINE_MS = 30_000;
const PAUSE_DEADLINE_MS = scaledMs(30_000);
const FIFO = 1;
/** KVM_X86_DISABLE_EXITS_HLT and _PAUSE of linux/kvm.h, and a bit that none has. */
const HLT_AND_PAUSE = 6;
const NO_SUCH_EXIT = 1 << 20;

const ofMachine = (vmm: Vmm): number[] => Array.from({ length: vmm.info().vcpus }, (_, vcpu) => vmm.threadId(vcpu));

/** /proc/self/task/<tid>/schedstat: time on a CPU, in ns. */
const cpuNs = (tid: number): number => Number(readFileSync(`/proc/self/task/${tid}/schedstat`, 'utf8').split(' ')[0]);

const statusOf = (tid: number, field: string): string | undefined =>
  new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${tid}/status`, 'utf8'))?.[1];

const isAsleep = (tid: number): boolean => / S /.test(readFileSync(`/proc/self/task/${tid}/stat`, 'utf8'));

describe('the threads of vcpus', () => {
  onKvm('are known by their ids, by which the host tells their CPU time', async () => {
    await using guest = await startRawGuest('spins', { cpus: 2 });
    await waitUntil('both have begun', () => ofMachine(guest.vmm).every((tid) => tid > 0));
    const tids = ofMachine(guest.vmm);
    expect(new Set(tids).size).toBe(2);
    const names = tids.map((tid) => readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').trim());
    expect(names).toEqual(['ktstr-vcpu0', 'ktstr-vcpu1']);
    await waitUntil('both have run for 10 ms', () => tids.every((tid) => cpuNs(tid) > 10_000_000));
    await guest.vmm.pause(PAUSE_DEADLINE_MS);
    await waitUntil('both sleep', () => tids.every(isAsleep));
    const before = tids.map(cpuNs);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // A vcpu that waits is woken by nothing.
    expect(tids.map(cpuNs)).toEqual(before);
    expect(guest.vmm.threadId(2)).toBe(0);
    guest.vmm.stop();
    await guest.vmm.ended;
    expect(ofMachine(guest.vmm)).toEqual([0, 0]);
  });

  onKvm('run on the host CPU that they are tied to, and not elsewhere', async () => {
    const own = statusOf(process.pid, 'Cpus_allowed_list') ?? '';
    const hostCpu = parseCpuList(own).at(-1)!;
    await using guest = await startRawGuest('ticks', { cpus: 2, prepare: (vmm) => vmm.place(1, { hostCpu }) });
    await waitUntil('both have begun', () => ofMachine(guest.vmm).every((tid) => tid > 0));
    const [free, tied] = ofMachine(guest.vmm).map((tid) => statusOf(tid, 'Cpus_allowed_list'));
    expect({ free, tied }).toEqual({ free: own, tied: String(hostCpu) });
    expect(() => guest.vmm.place(0, {})).toThrow(expect.objectContaining({ code: 'vmm' }));
  });

  onKvm('run with SCHED_FIFO at their priority, or the start says that the host does not allow it', async () => {
    const start = startRawGuest('ticks', { prepare: (vmm) => vmm.place(0, { fifoPriority: 2 }) });
    const isAllowed = process.getuid?.() === 0;
    if (!isAllowed) await expect(start).rejects.toMatchObject({ code: 'vmm', fields: { call: 'pthread_create' } });
    else {
      await using guest = await start;
      await waitUntil('it has begun', () => guest.vmm.threadId(0) > 0);
      expect(schedulingOf(guest.vmm.threadId(0)).policy).toBe(FIFO);
    }
  });

  onKvm.each([
    { name: 'a host CPU that there is not', placement: { hostCpu: 1000 } },
    { name: 'a number that is no CPU', placement: { hostCpu: 100_000 } },
    { name: 'a priority that there is not', placement: { fifoPriority: 100 } },
  ])('are refused $name', async ({ placement }) => {
    await expect(startRawGuest('spins', { prepare: (vmm) => vmm.place(0, placement) })).rejects.toMatchObject({
      code: 'vmm',
    });
  });

  onKvm('of a machine of 64 all start, pause and end', async () => {
    await using guest = await startRawGuest('ticks', { cpus: 64 });
    await waitUntil('all have begun', () => ofMachine(guest.vmm).every((tid) => tid > 0), BEGIN_DEADLINE_MS);
    await guest.vmm.pause(PAUSE_DEADLINE_MS);
    const rips = Array.from({ length: 64 }, (_, vcpu) => Number(guest.vmm.registers(vcpu).rip));
    expect(rips.filter((rip) => rip < 0x1000 || rip > 0x1010)).toEqual([]);
    guest.vmm.resume();
  });
});

describe('vmm_pause()', () => {
  onKvm('takes four vcpus that write all the time out of the guest and lets them go on, again and again', async () => {
    await using guest = await startRawGuest('ticks', { cpus: 4 });
    for (let round = 0; round < 50; round++) {
      const { length } = guest.com1;
      await waitUntil('the guest writes', () => {
        guest.com1.drain();
        return guest.com1.length > length;
      });
      await guest.vmm.pause(PAUSE_DEADLINE_MS);
      guest.com1.drain();
      const still = guest.com1.length;
      await new Promise(setImmediate);
      guest.com1.drain();
      expect(guest.com1.length).toBe(still);
      guest.vmm.resume();
    }
  });
});

describe("KVM's statistics", () => {
  onKvm('are read by name, of the machine and of a vcpu, while it runs, too', async () => {
    const open: number[] = [];
    await using guest = await startRawGuest('ticks', {
      prepare: (vmm) => open.push(vmm.statsFd(), vmm.statsFd(0)),
    });
    try {
      await waitUntil('the guest writes', () => guest.com1.length > 100);
      const [machine, vcpu] = open.map((fd) => readKvmStats(fd));
      expect(Number(vcpu?.get('exits')?.[0])).toBeGreaterThan(100);
      expect(vcpu?.get('halt_poll_success_hist')?.length).toBeGreaterThan(1);
      expect(machine?.has('mmu_shadow_zapped')).toBe(true);
      expect(machine?.has('exits')).toBe(false);
      expect(() => guest.vmm.statsFd(0)).toThrow(expect.objectContaining({ code: 'vmm' }));
      expect(() => guest.vmm.statsFd(1)).toThrow(expect.objectContaining({ code: 'vmm' }));
    } finally {
      for (const fd of open) closeSync(fd);
    }
  });
});

describe('settings of KVM', () => {
  onKvm('are accepted where KVM has them', async () => {
    const config = { halt_poll_ns: 0, no_exits: HLT_AND_PAUSE };
    await using guest = await startRawGuest('ticks', { config });
    await waitUntil('the guest writes', () => guest.com1.length > 0);
  });

  onKvm('are refused where it has not', async () => {
    await expect(startRawGuest('ticks', { config: { no_exits: NO_SUCH_EXIT } })).rejects.toMatchObject({
      ...{ code: 'vmm', fields: { phase: 'settings', call: 'KVM_CAP_X86_DISABLE_EXITS' } },
    });
  });
});
