import { describe, expect } from '@jest/globals';

import type { Vmm } from '../../../src/host/native/vmm';
import { VMM_IMAGE } from '../../../src/host/native/vmm-layout';
import { waitUntil } from '../processes';
import { onKvm, onRealKvm } from './kvm-kinds';
import { startRawGuest } from './raw-guest';

const PAUSE_DEADLINE_MS = 30_000;
/** Longer than a busy host keeps a vcpu from running. */
const PAUSE_MS = 1000;
/** Where native/guests/gaps.S has its last reading of the TSC, and the longest gap between two. */
const NOW_GPA = 0x3000;
const LONGEST_GPA = 0x3004;
/** Where native/guests/counts_down.S has its rounds, and how long by its TSC the last one was. */
const ROUNDS_GPA = 0x3000;
const LAST_GPA = 0x3004;
const COUNTDOWN_MS = 500;

function word(vmm: Vmm, gpa: number): number {
  const bytes = Buffer.alloc(4);
  vmm.read(gpa, bytes);
  return bytes.readUInt32LE();
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How much of a pause its guest sees pass, as a share. */
async function seenOfPause(vmm: Vmm): Promise<number> {
  await vmm.pause(PAUSE_DEADLINE_MS);
  const [fromMs, from] = [performance.now(), word(vmm, NOW_GPA)];
  vmm.resume();
  await sleep(PAUSE_MS / 4);
  await vmm.pause(PAUSE_DEADLINE_MS);
  const [untilMs, until] = [performance.now(), word(vmm, NOW_GPA)];
  vmm.write(LONGEST_GPA, Buffer.alloc(4));
  await sleep(PAUSE_MS);
  const pauseMs = performance.now() - untilMs;
  vmm.resume();
  await waitUntil('the guest has read its TSC again', () => word(vmm, LONGEST_GPA) > 0);
  const perMs = (until - from) / (untilMs - fromMs);
  return word(vmm, LONGEST_GPA) / perMs / pauseMs;
}

describe("a guest's TSC", () => {
  onKvm('stands still in a pause, unless the machine says that it goes on', async () => {
    await using guest = await startRawGuest('gaps', { cpus: 2 });
    await waitUntil('the guest reads its TSC', () => word(guest.vmm, NOW_GPA) > 0);
    expect(guest.vmm.info().clocks_run_on).toBe(0);
    const seen = await seenOfPause(guest.vmm);
    expect({ seen, isLong: seen > 0.5 }).toEqual({ seen, isLong: guest.vmm.info().clocks_run_on === 1 });
  });

  onRealKvm('stands still on a KVM that is real (needs a CPU with vmx or svm)', async () => {
    await using guest = await startRawGuest('gaps');
    await waitUntil('the guest reads its TSC', () => word(guest.vmm, NOW_GPA) > 0);
    expect(await seenOfPause(guest.vmm)).toBeLessThan(0.5);
    expect(guest.vmm.info().clocks_run_on).toBe(0);
  });
});

describe("a guest's timer that counts", () => {
  onRealKvm('stands still in a pause as its TSC does (needs a CPU with vmx or svm)', async () => {
    await using guest = await startRawGuest('counts_down', { config: { image: VMM_IMAGE.rawInterrupts } });
    const { vmm } = guest;
    const untilNextRound = async (): Promise<number> => {
      const seen = word(vmm, ROUNDS_GPA);
      await waitUntil('a round has passed', () => word(vmm, ROUNDS_GPA) > seen);
      return word(vmm, LAST_GPA);
    };
    // A busy host makes a round longer, never shorter.
    const usual = Math.min(await untilNextRound(), await untilNextRound(), await untilNextRound());
    await vmm.pause(PAUSE_DEADLINE_MS);
    await sleep(4 * COUNTDOWN_MS);
    const next = untilNextRound();
    vmm.resume();
    const share = (await next) / usual;
    // A timer that went on would have been done at once; by a TSC that went on the round would have been five of them.
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(3);
  });
});
