import type { GuestRun } from '../../../src/host/machine/guest-run';
import type { Machine } from '../../../src/host/machine/machine';
import { watchGuest } from '../../../src/host/machine/watch-guest';
import { findVmcoreinfo, readVmcoreinfo, type Vmcoreinfo } from '../../../src/host/monitor/symbols/vmcoreinfo';
import type { TestOptions } from '../../../src/spec/declare/options';
import { type InlineTest, planBody, startMachine } from '../inline-test';
import { bootAgain, DEADLINES } from './boot-again';

/** A guest whose body has told something with `tell`, in a machine that is paused. */
export interface StoppedGuest extends AsyncDisposable {
  machine: Machine;
  told: unknown;
  /** Lets the guest run until it has told something more, and pauses it again. */
  untilNext(): Promise<unknown>;
  info: Vmcoreinfo;
  /** The same, found without being told where it is. */
  scanned: Vmcoreinfo | null;
}

/** The body ends with `tell(value)`. */
export async function stopGuest(body: string, options: TestOptions = {}): Promise<StoppedGuest> {
  const wait = `; await new Promise((resolve) => setTimeout(resolve, 90_000)); return pass();`;
  const planned = await planBody(body + wait, { timeoutMs: 95_000, ...options }, TELL);
  const stopped = await bootAgain(
    () => tryStop(planned),
    (booted) => ('stop' in booted ? booted : null),
  );
  if ('stop' in stopped) throw new Error(`the guest told nothing: ${JSON.stringify(stopped)}`);
  return stopped;
}

async function tryStop(planned: InlineTest): Promise<StoppedGuest | GuestRun> {
  const machine = await startMachine(planned);
  let tell: (text: string) => void = () => undefined;
  const next = (): Promise<string> => new Promise((resolve) => (tell = resolve));
  const told = next();
  let gpa = -1;
  const watched = watchGuest(machine, {
    deadlines: DEADLINES,
    startedAt: performance.now(),
    onKernelLocated: (at) => (gpa = at),
    onMessage: (message) => {
      if (message.kind === 'console' && message.message.startsWith('told:')) tell(message.message.slice(5));
    },
  });
  const stopAfter = async (text: Promise<string>): Promise<unknown> => {
    const run = await Promise.race([text, watched]);
    if (typeof run !== 'string') throw new Error(`the guest told nothing: ${JSON.stringify(run)}`);
    await machine.pause();
    return JSON.parse(run);
  };
  const dispose = (): Promise<void> => machine[Symbol.asyncDispose]();
  try {
    const run = await Promise.race([told, watched]);
    if (typeof run !== 'string') {
      await dispose();
      return run;
    }
    return {
      machine,
      told: await stopAfter(told),
      untilNext: async () => {
        const text = next();
        await machine.resume();
        return stopAfter(text);
      },
      info: readVmcoreinfo(machine.memory, gpa),
      scanned: findVmcoreinfo(machine.memory),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const TELL = `const tell = (value) => console.log('told:' + JSON.stringify(value));`;
