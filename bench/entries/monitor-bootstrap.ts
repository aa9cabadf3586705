import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { packageRoot } from '../../src/package-root';
import { spreadOf, type BenchResult } from '../bench-report';
import type { BootstrapOrders, BootstrapTimes } from '../bootstrap-thread';
import { judge } from '../target';
import { bootWaiting, CPUS, needKernel, SIXTEEN_CPUS } from '../waiting-guest';

/** Each of which is cold once. */
const THREADS = 7;
/** The first is cold; the compiler needs some to see what is hot. */
const TIMES = 6;
const TARGET_COLD_MS = 300;
const TARGET_WARM_MS = 60;

/**
 * Symbols and types of a booted kernel out of its RAM: in a thread whose code has not run yet, and again in the same one. Nothing that was
 * decoded is kept from one time to the next.
 */
export async function monitorBootstrap(progress: (text: string) => void): Promise<BenchResult[]> {
  return [
    ...(await bootstrapOf('monitor.bootstrap', needKernel('distribution'), progress)),
    ...(await bootstrapOf('monitor.bootstrap.built', needKernel('built'), progress)),
  ];
}

async function bootstrapOf(name: string, kernel: string, progress: (text: string) => void): Promise<BenchResult[]> {
  await using guest = await bootWaiting({ ...SIXTEEN_CPUS, kernel });
  const { machine, vmcoreinfoGpa } = guest;
  await machine.pause();
  const ram = machine.ram.flatMap((range) => ('fd' in range ? [range] : []));
  const cold: BootstrapTimes[] = [];
  const warm: BootstrapTimes[] = [];
  for (let thread = 1; thread <= THREADS; thread++) {
    const [first, ...others] = await inThread({ ram, vmcoreinfoGpa, cpuCount: CPUS, times: TIMES });
    const last = others.at(-1);
    if (first === undefined || last === undefined) throw new Error('a thread measured nothing');
    cold.push(first);
    warm.push(last);
    progress(
      `${name}: thread ${thread} of ${THREADS}: ${first.located.toFixed(0)} ms cold, ${last.located.toFixed(0)} ms warm`,
    );
  }
  const ms = (what: string, times: readonly number[], notes: string): BenchResult => {
    return { name: `${name}.${what}`, unit: 'ms', ours: spreadOf(times), notes: `kernel ${kernel}: ${notes}` };
  };
  const located = (times: readonly BootstrapTimes[]): number[] => times.map((time) => time.located);
  const planned = (times: readonly BootstrapTimes[]): number[] => times.map((time) => time.planned);
  const target = (times: readonly number[], atMost: number): string =>
    judge(spreadOf(times).median, { atMost, unit: 'ms' });
  return [
    ms(
      'cold',
      located(cold),
      `symbols and BTF in a thread that has run none of the code; ${target(located(cold), TARGET_COLD_MS)}`,
    ),
    ms(
      'warm',
      located(warm),
      `the same for the ${TIMES}th time in that thread; ${target(located(warm), TARGET_WARM_MS)}`,
    ),
    ms('cold.plan', planned(cold), `from there to the compiled plan of a sample of ${CPUS} CPUs`),
    ms('warm.plan', planned(warm), 'the same, warm'),
  ];
}

async function inThread(orders: BootstrapOrders): Promise<BootstrapTimes[]> {
  const thread = new Worker(join(packageRoot(), 'dist/bench/bootstrap-thread.js'), { workerData: orders });
  try {
    const [times] = (await once(thread, 'message')) as [BootstrapTimes[]];
    return times;
  } finally {
    await thread.terminate();
  }
}
