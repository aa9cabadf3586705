import { setTimeout } from 'node:timers/promises';

import { glanceInto, type InspectedMachine } from '../../environment/inspect-machine';
import { spreadOf, type BenchResult } from '../bench-report';
import { bootGuest } from '../guest';
import { BUSY, specOf } from '../run-fixture';
import { needKernel } from '../waiting-guest';

const DUMPS = 12;
/** The first only warm up. */
const WARM_UP = 2;
const SHAPE = { llcs: 2, cores: 2 };
/** In which the guest goes on, from the start of its workers at first. */
const BETWEEN_MS = 400;
const TIMEOUT_MS = 3_600_000;

/** Milliseconds. */
interface DumpTimes {
  total: number;
  /** From the order to stand still until it does. */
  pause: number;
  /** In which the machine stands still and is looked into. */
  collect: number;
  resume: number;
}

/** A running guest of 4 vcpus with 8 workers is frozen, looked into as when a threshold is missed, and let go on. */
export async function monitorDump(progress: (text: string) => void): Promise<BenchResult[]> {
  const options = { ...SHAPE, kernel: needKernel('built'), timeoutMs: TIMEOUT_MS };
  await using guest = await bootGuest(BUSY, specOf({ machine: 'emulated', ...options }));
  await guest.next();
  const all: DumpTimes[] = [];
  for (let dump = 1; dump <= DUMPS; dump++) {
    await setTimeout(BETWEEN_MS);
    const times = await dumpOnce(guest.machine, guest.vmcoreinfoGpa);
    progress(`dump ${dump} of ${DUMPS}: ${times.total.toFixed(1)} ms`);
    if (dump > WARM_UP) all.push(times);
  }
  const ms = (part: keyof DumpTimes, notes: string): BenchResult => {
    const name = part === 'total' ? 'monitor.dump' : `monitor.dump.${part}`;
    return { name, unit: 'ms', ours: spreadOf(all.map((times) => times[part])), notes };
  };
  const still = spreadOf(all.map(({ total, collect }) => (100 * collect) / total));
  const order = spreadOf(all.map(({ total, pause }) => (100 * pause) / total));
  return [
    ms(
      'total',
      `pause, collect, resume; the guest stands still for ${still.median.toFixed(1)} % of it, pausing takes ${order.median.toFixed(1)} %`,
    ),
    ms('pause', 'until all vcpus stand still'),
    ms('collect', 'registers, symbols, BTF, run queues, tasks, stacks'),
    ms('resume', 'until they run again'),
  ];
}

/** @throws {Error} when the dump shows no scheduler */
async function dumpOnce(machine: InspectedMachine, vmcoreinfoGpa: number): Promise<DumpTimes> {
  const at = { paused: 0, collected: 0 };
  const timed: InspectedMachine = {
    memory: machine.memory,
    registers: () => machine.registers(),
    pause: async () => {
      await machine.pause();
      at.paused = performance.now();
    },
    resume: () => {
      at.collected = performance.now();
      return machine.resume();
    },
  };
  const startedAt = performance.now();
  const dump = await glanceInto(timed, vmcoreinfoGpa);
  const endedAt = performance.now();
  if (dump.sched === null) throw new Error(`the dump is empty: ${dump.unavailable.join('; ')}`);
  return {
    total: endedAt - startedAt,
    pause: at.paused - startedAt,
    collect: at.collected - at.paused,
    resume: endedAt - at.collected,
  };
}
