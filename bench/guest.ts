import { deadlinesFor } from '../environment/deadlines';
import { writeInitrd } from '../environment/initrd';
import type { GuestRun } from '../src/host/machine/guest-run';
import type { Machine } from '../src/host/machine/machine';
import { startMachine } from '../src/host/machine/start-machine';
import { watchGuest } from '../src/host/machine/watch-guest';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { planFixture, type Fixture } from './run-fixture';

/** A fixture that runs in a machine, seen while it runs. Disposing of it ends the machine. */
export interface BenchGuest extends AsyncDisposable {
  machine: Machine;
  /** Of the kernel's VMCOREINFO note. */
  vmcoreinfoGpa: number;
  /** What the fixture prints next with `console`. @throws {Error} when it ends before */
  next(): Promise<string>;
}

/** A host that is busy in one moment of the boot takes the guest's timer away; such a guest is booted again, as tests are. */
const MAX_BOOTS = 5;

/** Boots a fixture. @throws {Error} when it ends before it has printed anything */
export async function bootGuest(fixture: Fixture, spec: TestSpec): Promise<BenchGuest> {
  const plan = await planFixture(fixture, spec);
  for (let boots = 1; ; boots++) {
    using initrd = await writeInitrd(plan.base, plan.suffix);
    const machine = await startMachine(plan.machine, {
      ...{ kernelImage: plan.kernelImage, initrd: initrd.pathForChildren, cmdline: plan.cmdline },
      ...{ topology: spec.topology, memoryMib: spec.memoryMib },
    });
    const guest = follow(machine, spec);
    const ended = await guest.begun;
    if (ended === null) return guest;
    await guest[Symbol.asyncDispose]();
    if (ended.stop?.why !== 'timer-lost' || boots === MAX_BOOTS) throw new Error(endedText(ended));
  }
}

/** `begun` resolves with null when the fixture has printed something, which `next` gives as well, or with how the guest ended before. */
function follow(machine: Machine, spec: TestSpec): BenchGuest & { begun: Promise<GuestRun | null> } {
  const printed: string[] = [];
  let wake: () => void = () => undefined;
  const news = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  let vmcoreinfoGpa = Number.NaN;
  const ended = watchGuest(machine, {
    deadlines: deadlinesFor(spec, machine.kind),
    startedAt: performance.now(),
    onKernelLocated: (gpa) => (vmcoreinfoGpa = gpa),
    onMessage: (message) => {
      if (message.kind !== 'console') return;
      printed.push(message.message);
      wake();
    },
  });
  return {
    machine,
    get vmcoreinfoGpa() {
      return vmcoreinfoGpa;
    },
    begun: Promise.race([news().then(() => null), ended]),
    async next() {
      for (;;) {
        const text = printed.shift();
        if (text !== undefined) return text;
        const run = await Promise.race([news(), ended]);
        if (run !== undefined && printed.length === 0) throw new Error(endedText(run));
      }
    },
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

function endedText({ stop, exit, messages, consoleText }: GuestRun): string {
  return `the guest ended: ${JSON.stringify({ stop, exit, errors: messages.result?.errors })}\n${consoleText.slice(-2_000)}`;
}
