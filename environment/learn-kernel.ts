import { HarnessError, isHarnessError } from '../src/errors';
import { memoised } from '../src/host/kernel/memo';
import type { MachineConfig } from '../src/host/machine/machine';
import { QemuMachine } from '../src/host/machine/qemu/qemu-machine';
import { type GuestDeadlines, watchGuest } from '../src/host/machine/watch-guest';
import { learnTickKernel, type TickKernel } from '../src/host/monitor/probe/tick-kernel';

export interface LearnRequest {
  cacheDir: string;
  /** Of the kernel's image. */
  digest: string;
  machine: MachineConfig;
  deadlines: GuestDeadlines;
}

/** Decides how many levels the kernel's page tables have. */
const FOUR_LEVELS = 'no5lvl';

/**
 * What the probe has to know of a kernel before it boots, remembered by its image. For an image that is new here, a machine boots as far as
 * its init and is ended there. @throws HarnessError when it does not get there, or does not tell enough
 */
export async function tickKernel(request: LearnRequest): Promise<TickKernel> {
  const { cacheDir, digest, machine } = request;
  const stamp = machine.cmdline.split(' ').includes(FOUR_LEVELS) ? FOUR_LEVELS : '';
  return memoised({ cacheDir, subject: `tick ${digest} ${stamp}`, stamp: '2' }, () => learn(request));
}

async function learn({ machine: config, deadlines }: LearnRequest): Promise<TickKernel> {
  const startedAt = performance.now();
  await using machine = await QemuMachine.start('deterministic', config);
  let learned: TickKernel | HarnessError = new HarnessError('decode', {
    what: 'kernel',
    at: 'its init',
    problem: 'the guest did not get as far, or its kernel has no /sys/kernel/vmcoreinfo',
  });
  await watchGuest(machine, {
    deadlines,
    startedAt,
    onKernelLocated: (gpa) => {
      learned = attempt(() => learnTickKernel(machine.memory, gpa));
      void machine.stop();
    },
  });
  if (learned instanceof HarnessError) throw learned;
  return learned;
}

function attempt(read: () => TickKernel): TickKernel | HarnessError {
  try {
    return read();
  } catch (error) {
    if (isHarnessError(error)) return error;
    throw error;
  }
}
