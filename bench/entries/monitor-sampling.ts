import { readdirSync } from 'node:fs';

import { medianUncertainty, ratioOf, spreadOf, type BenchResult } from '../bench-report';
import { bootGuest } from '../guest';
import { specOf, SPIN_PHASES } from '../run-fixture';
import { runPhase, type Phase, type PhaseSampling } from '../sampled-phase';
import { judge } from '../target';
import { CPUS, kernelOf, needKernel, SIXTEEN_CPUS } from '../waiting-guest';

const PAIRS = 20;
const PHASES_WITH_THREADS = 4;
const TIMEOUT_MS = 3_600_000;
const TARGET_CORE_PCT = 10;
const TARGET_SLOWDOWN_PCT = 1;
const PERCENT = 100;

interface Phases {
  on: Phase[];
  off: Phase[];
  /** Sampled, with the times of host threads. */
  threads: Phase[];
}

/**
 * Sampling 16 vcpus at 1 kHz, in phases of a second with and without in turn: what it costs the host, and what it costs a SpinWait of the
 * guest, whose vcpus are one host thread.
 */
export async function monitorSampling(progress: (text: string) => void): Promise<BenchResult[]> {
  const options = { ...SIXTEEN_CPUS, workersPerCgroup: 1, kernel: needKernel('built'), timeoutMs: TIMEOUT_MS };
  await using guest = await bootGuest(SPIN_PHASES, specOf({ machine: 'emulated', ...options }));
  const sampling: PhaseSampling = { kernel: kernelOf(guest), cpuCount: CPUS, periodMs: 1, vcpuThreads: [] };
  const phases: Phases = { on: [], off: [], threads: [] };
  const [on, off] = [async () => runPhase(guest, sampling), async () => runPhase(guest, null)];
  // The first two only warm up.
  await on();
  await off();
  for (let pair = 1; pair <= PAIRS; pair++) {
    // On, off; off, on: what changes in the course of the run changes both.
    if (pair % 2 === 0) phases.on.push(await on());
    phases.off.push(await off());
    if (pair % 2 !== 0) phases.on.push(await on());
    progress(`pair ${pair} of ${PAIRS}: ${pairText(phases)}`);
  }
  const vcpuThreads = threadsLikeVcpus();
  for (let one = 1; one <= PHASES_WITH_THREADS; one++)
    phases.threads.push(await runPhase(guest, { ...sampling, vcpuThreads }));
  return toResults(phases);
}

function pairText({ on, off }: Phases): string {
  const [sampled, plain] = [on.at(-1), off.at(-1)];
  if (sampled === undefined || plain === undefined) throw new Error('a pair has two phases');
  const rates = [sampled.rate / plain.rate, sampled.cpuRate / plain.cpuRate].map((rate) => (rate * PERCENT).toFixed(2));
  return `thread ${sampled.threadPct.toFixed(2)} % of a core, SpinWait at ${rates[0]} % of its rate, by CPU time ${rates[1]} %`;
}

/** As many as a machine on KVM has vcpu threads: those of this process, over and over. */
function threadsLikeVcpus(): { pid: number; tid: number }[] {
  const own = readdirSync('/proc/self/task').map(Number);
  return Array.from({ length: CPUS }, (_, cpu) => ({ pid: process.pid, tid: own[cpu % own.length] ?? process.pid }));
}

function toResults({ on, off, threads }: Phases): BenchResult[] {
  const pct = (name: string, values: readonly number[], notes: string): BenchResult => {
    return { name, unit: '% of a core', ours: spreadOf(values), notes };
  };
  const threadPct = on.map((phase) => phase.threadPct);
  const taken = spreadOf(on.map((phase) => phase.takenPct));
  return [
    pct(
      'monitor.sampling',
      threadPct,
      `CPU time of the sampling thread, ${CPUS} vcpus at 1 kHz; ${judge(spreadOf(threadPct).median, { atMost: TARGET_CORE_PCT, unit: '% of a core' })}; ` +
        `${taken.median.toFixed(1)} % of the samples that were due were taken`,
    ),
    pct(
      'monitor.sampling.threads',
      threads.map((phase) => phase.threadPct),
      `the same with the times of ${CPUS} host threads every 10 ms, as on KVM`,
    ),
    {
      ...pct(
        'monitor.sampling.process',
        on.map((phase) => phase.processPct),
        'CPU time of the process with this thread and the decoding of all samples in TypeScript; beside it phases without',
      ),
      peer: { name: 'not sampled', ...spreadOf(off.map((phase) => phase.processPct)) },
    },
    slowdown('monitor.slowdown', { on, off, of: 'rate' }),
    slowdown('monitor.slowdown.cpu', { on, off, of: 'cpuRate' }),
  ];
}

const RATES = {
  rate: `iterations of one SpinWait on ${CPUS} vcpus, a second of the guest`,
  cpuRate: `the same, a second of QEMU's CPU time, which other load of the host does not take away`,
} as const;

function slowdown(name: string, { on, off, of }: Pick<Phases, 'on' | 'off'> & { of: keyof typeof RATES }): BenchResult {
  const rates = { on: on.map((phase) => phase[of]), off: off.map((phase) => phase[of]) };
  const slowerPct = rates.on.map((rate, pair) => (1 - rate / (rates.off[pair] ?? Number.NaN)) * PERCENT);
  const target = { atMost: TARGET_SLOWDOWN_PCT, unit: '%' };
  // Of phases that do not differ, one after the other: what the host alone makes of the figure.
  const noise = spreadOf(rates.off.slice(1).map((rate, index) => Math.abs(rate / (rates.off[index] ?? rate) - 1)));
  const [typical, worst] = [noise.median, noise.max].map((value) => (value * PERCENT).toFixed(2));
  return {
    ...{ name, unit: 'iterations/s', ours: spreadOf(rates.on), ratio: ratioOf(rates.on, rates.off) },
    peer: { name: 'not sampled', ...spreadOf(rates.off) },
    notes:
      `${RATES[of]}; slower by: ${judge(spreadOf(slowerPct).median, target, medianUncertainty(slowerPct))}; ` +
      `noise: phases without, one after the other, differ by ${typical} % (up to ${worst} %)`,
  };
}
