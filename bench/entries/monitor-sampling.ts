import { readdirSync } from 'node:fs';

import { medianUncertainty, ratioOf, spreadOf, type BenchResult } from '../bench-report';
import { bootGuest, type BenchGuest } from '../guest';
import { specOf, SPIN_PHASES } from '../run-fixture';
import { runPhase, type Phase, type PhaseSampling } from '../sampled-phase';
import { judge } from '../target';
import { CPUS, kernelOf, needKernel, SIXTEEN_CPUS } from '../waiting-guest';

/**
 * In which other processes leave the host alone; where that does not happen, all are taken. Many: two phases differ by more than a tenth, and
 * the target is a hundredth.
 */
const PAIRS = 1000;
const MAX_PAIRS = 1200;
const PAIRS_PER_LINE = 50;
/** Of a core, by what is neither this process nor QEMU. */
const QUIET_PCT = 10;
/** Fewer tell nothing. */
const MIN_QUIET = 200;
const PHASES_WITH_THREADS = 4;
const TIMEOUT_MS = 3_600_000;
const TARGET_CORE_PCT = 10;
const TARGET_SLOWDOWN_PCT = 1;
const PERCENT = 100;

/** What else the host did. */
interface Host {
  isBusy: boolean;
  story: string;
}

interface Pair {
  on: Phase;
  off: Phase;
}

/**
 * Sampling 16 vcpus at 1 kHz, in short phases with and without in turn, many as they differ much: what it costs the host, and a SpinWait of the
 * guest, whose vcpus are one host thread.
 */
export async function monitorSampling(progress: (text: string) => void): Promise<BenchResult[]> {
  const options = { ...SIXTEEN_CPUS, kernel: needKernel('built'), timeoutMs: TIMEOUT_MS };
  await using guest = await bootGuest(SPIN_PHASES, specOf({ machine: 'emulated', ...options }));
  const sampling: PhaseSampling = { kernel: kernelOf(guest), cpuCount: CPUS, periodMs: 1, vcpuThreads: [] };
  // The first pair only warms up.
  await measurePair(guest, sampling, 0);
  const pairs: Pair[] = [];
  while (pairs.length < MAX_PAIRS && pairs.filter(isQuiet).length < PAIRS) {
    const pair = await measurePair(guest, sampling, pairs.length);
    pairs.push(pair);
    if (pairs.length % PAIRS_PER_LINE === 0) progress(`pair ${pairs.length}: ${pairText(pair)}`);
  }
  const vcpuThreads = threadsLikeVcpus();
  const threads: Phase[] = [];
  for (let one = 1; one <= PHASES_WITH_THREADS; one++)
    threads.push(await runPhase(guest, { ...sampling, vcpuThreads }));
  return toResults(pairs, threads);
}

/** On, off; off, on: what changes in the course of the run changes both. */
async function measurePair(guest: BenchGuest, sampling: PhaseSampling, number: number): Promise<Pair> {
  if (number % 2 === 0) return { on: await runPhase(guest, sampling), off: await runPhase(guest, null) };
  return { off: await runPhase(guest, null), on: await runPhase(guest, sampling) };
}

function isQuiet({ on, off }: Pair): boolean {
  return Math.max(on.othersPct, off.othersPct) <= QUIET_PCT;
}

function pairText({ on, off }: Pair): string {
  const [rate, cpuRate] = [on.rate / off.rate, on.cpuRate / off.cpuRate].map((ratio) => (ratio * PERCENT).toFixed(2));
  const others = Math.max(on.othersPct, off.othersPct).toFixed(0);
  return `thread ${on.threadPct.toFixed(2)} % of a core, SpinWait at ${rate} % of its rate, by CPU time ${cpuRate} %; others took ${others} %`;
}

/** As many as a machine on KVM has vcpu threads: those of this process, over and over. */
function threadsLikeVcpus(): { pid: number; tid: number }[] {
  const own = readdirSync('/proc/self/task').map(Number);
  return Array.from({ length: CPUS }, (_, cpu) => ({ pid: process.pid, tid: own[cpu % own.length] ?? process.pid }));
}

function toResults(pairs: readonly Pair[], threads: readonly Phase[]): BenchResult[] {
  const quiet = pairs.filter(isQuiet);
  const isBusy = quiet.length < MIN_QUIET;
  const taken = isBusy ? pairs : quiet;
  const [on, off] = [taken.map((pair) => pair.on), taken.map((pair) => pair.off)];
  // With all cores taken, what this process does comes out of the guest's share.
  const story = isBusy
    ? `other processes took more than ${QUIET_PCT} % of a core in ${pairs.length - quiet.length} of ${pairs.length} pairs, which are all taken`
    : `${quiet.length} of ${pairs.length} pairs, in which other processes took at most ${QUIET_PCT} % of a core`;
  const host: Host = { isBusy, story };
  const pct = (name: string, values: readonly number[], notes: string): BenchResult => {
    return { name, unit: '% of a core', ours: spreadOf(values), notes };
  };
  const threadPct = on.map((phase) => phase.threadPct);
  const samples = spreadOf(on.map((phase) => phase.takenPct));
  return [
    pct(
      'monitor.sampling',
      threadPct,
      `CPU time of the sampling thread, ${CPUS} vcpus at 1 kHz; ${judge(spreadOf(threadPct).median, { atMost: TARGET_CORE_PCT, unit: '% of a core' })}; ` +
        `${samples.median.toFixed(1)} % of the samples that were due were taken; ${host.story}`,
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
    slowdown('monitor.slowdown', taken, { of: 'rate', host }),
    slowdown('monitor.slowdown.cpu', taken, { of: 'cpuRate', host }),
  ];
}

const RATES = {
  rate: `iterations of one SpinWait on ${CPUS} vcpus, a second of the guest`,
  cpuRate: `the same, a second of QEMU's CPU time, which other load of the host does not take away`,
} as const;

function slowdown(
  name: string,
  pairs: readonly Pair[],
  { of, host }: { of: keyof typeof RATES; host: Host },
): BenchResult {
  const rates = { on: pairs.map(({ on }) => on[of]), off: pairs.map(({ off }) => off[of]) };
  const slowerPct = rates.on.map((rate, pair) => (1 - rate / (rates.off[pair] ?? Number.NaN)) * PERCENT);
  const target = { atMost: TARGET_SLOWDOWN_PCT, unit: '%' };
  // Of phases that do not differ, one after the other: what the host alone makes of the figure.
  const noise = spreadOf(rates.off.slice(1).map((rate, index) => Math.abs(rate / (rates.off[index] ?? rate) - 1)));
  const [typical, worst] = [noise.median, noise.max].map((value) => (value * PERCENT).toFixed(2));
  return {
    ...{ name, unit: 'iterations/s', ours: spreadOf(rates.on), ratio: ratioOf(rates.on, rates.off) },
    peer: { name: 'not sampled', ...spreadOf(rates.off) },
    notes:
      `${RATES[of]}; slower by: ${judge(spreadOf(slowerPct).median, target, { uncertainty: medianUncertainty(slowerPct), isDisturbed: host.isBusy })}; ` +
      `noise: phases without, one after the other, differ by ${typical} % (up to ${worst} %); ${host.story}`,
  };
}
