import { Scheduler } from '../../src/spec/scheduler/scheduler';
import { ratioOf, spreadOf, type BenchResult } from '../bench-report';
import { ENABLE_LINE, runFixture, specOf } from '../run-fixture';

const RUNS = 5;
/** Issue 3: what ktstr adds between the kernel's word and its own. Guest time. */
const LIMIT_MS = 15;
const NS_PER_MS = 1e6;

/**
 * In virtual time: on the emulated machine the vcpus take turns of up to 100 ms on one host thread, and whether the one that attaches or the one that
 * hears of it has its turn decides the figure.
 */
const MACHINE = 'deterministic';

/**
 * Guest time from the exec of a scheduler to attached, as ktstr sees it, beside the kernel's own timestamp of its enable line.
 * @throws {Error} when ktstr is more than 15 ms later than the kernel in the median
 */
export async function schedulerAttach(progress: (text: string) => void): Promise<BenchResult[]> {
  const ours: number[] = [];
  const kernels: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    const { oursMs, kernelMs } = await measure(run);
    ours.push(oursMs);
    kernels.push(kernelMs);
    progress(`run ${run} of ${RUNS}: ${oursMs.toFixed(1)} ms, by the kernel ${kernelMs.toFixed(1)} ms`);
  }
  const overheads = ours.map((ms, index) => ms - (kernels[index] ?? Number.NaN));
  const overhead = spreadOf(overheads);
  if (overhead.median > LIMIT_MS)
    throw new Error(
      `ktstr sees the attach ${overhead.median.toFixed(1)} ms after the kernel; the limit is ${LIMIT_MS} ms`,
    );
  const peer = { ...spreadOf(kernels), name: "kernel's enable line" };
  return [
    { name: 'scheduler.attach', unit: 'ms', ours: spreadOf(ours), peer, ratio: ratioOf(ours, kernels) },
    { name: 'scheduler.attach.overhead', unit: 'ms', ours: overhead, notes: `limit ${LIMIT_MS} ms` },
  ];
}

async function measure(seed: number): Promise<{ oursMs: number; kernelMs: number }> {
  const scheduler = Scheduler.binary({ name: 'scx_ktstr' });
  const { result, printed } = await runFixture(ENABLE_LINE, specOf({ machine: MACHINE, seed, scheduler }));
  const [run] = result.schedulers;
  const { enabledAtNs } = JSON.parse(printed[0] ?? '{}') as { enabledAtNs?: number };
  if (!run || run.attachedAtNs === null || enabledAtNs === undefined)
    throw new Error('the scheduler was never attached');
  const since = (atNs: number): number => (atNs - run.startedAtNs) / NS_PER_MS;
  return { oursMs: since(run.attachedAtNs), kernelMs: since(enabledAtNs) };
}
