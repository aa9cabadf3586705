import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { ensureSystemPackages } from '../../setup/system-packages';
import { decodeRecord } from '../../src/host/monitor/plan/decode-record';
import { encodePlan, type EncodedPlan } from '../../src/host/monitor/plan/encode-plan';
import type { ReadPlan } from '../../src/host/monitor/plan/read-plan';
import { kernelSpace } from '../../src/host/monitor/sample/scheduler-sampler';
import { NativeMonitor } from '../../src/host/native/monitor';
import { ratioOf, spreadOf, type BenchResult } from '../bench-report';
import { CoreFile } from '../core-file';
import { microsecondsPerPass } from '../microseconds-per-pass';
import { drgnVersion, PeerDrgn, type DrgnPasses, type RunQueueValues } from '../peer-drgn';
import { runQueuePlaces, runQueuePlan, runQueueValues } from '../run-queue-plan';
import { judge } from '../target';
import { bootWaiting, CPUS, kernelOf, needKernel, SIXTEEN_CPUS } from '../waiting-guest';

const PAIRS = 10;
const CALLS = 1_000;
/** Passes in one call: enough that the call itself weighs little. */
const PASSES_IN_CALL = 25;
const DRGN_PASSES = 1_000;
/** Of both, one a millisecond. */
const PACED_PASSES = 400;
const PACE_MS = 1;
const STOP_DEADLINE_MS = 5_000;
const TARGET_TIMES = 20;
const NS_PER_US = 1_000;

/** Microseconds of one pass, in one pair. */
interface Times {
  loop: number;
  paced: number;
  call: number;
  raw: number;
  objects: number;
  pacedRaw: number;
}

/**
 * nr_running, clock and the pid of the current task of 16 run queues, read from one file: the RAM of a paused guest as a core file, which
 * drgn opens as it opens any kernel's. @throws {Error} when drgn is missing, or the values differ
 */
export async function monitorDrgn(progress: (text: string) => void): Promise<BenchResult[]> {
  progress(`system packages: ${await ensureSystemPackages(['bench'], progress)}`);
  const version = drgnVersion();
  await using guest = await bootWaiting({ ...SIXTEEN_CPUS, kernel: needKernel('built') });
  await guest.machine.pause();
  const kernel = kernelOf(guest);
  using core = new CoreFile(kernel, guest.vmcoreinfoGpa);
  const places = runQueuePlaces(kernel, CPUS);
  using monitor = await NativeMonitor.create(core.ram, kernelSpace(kernel, core.ram));
  await using drgn = await PeerDrgn.start({ core: core.pathForChildren, ...places });
  const plan = runQueuePlan(places);
  const all: Times[] = [];
  // The first pair only warms up.
  for (let pair = 0; pair <= PAIRS; pair++) {
    const times = {
      ...(await ourTimes(monitor, plan)),
      ...(await drgnTimes(drgn, valuesOf(monitor, encodePlan(plan)))),
    };
    const text = Object.entries(times).map(([name, us]) => `${name} ${us.toFixed(2)}`);
    progress(`pair ${pair} of ${PAIRS}, us: ${text.join(', ')}`);
    if (pair > 0) all.push(times);
  }
  return toResults(all, version);
}

async function ourTimes(monitor: NativeMonitor, plan: ReadPlan): Promise<Pick<Times, 'loop' | 'paced' | 'call'>> {
  const [once, often] = [encodePlan(plan), encodePlan(repeated(plan))];
  return {
    loop: microsecondsPerPass(() => monitor.execute(often), CALLS) / PASSES_IN_CALL,
    call: microsecondsPerPass(() => valuesOf(monitor, once), CALLS),
    paced: await sampledUs(monitor, once),
  };
}

function repeated({ expressions, ...plan }: ReadPlan): ReadPlan {
  return { ...plan, expressions: Array.from({ length: PASSES_IN_CALL }, () => expressions).flat() };
}

function valuesOf(monitor: NativeMonitor, plan: EncodedPlan): RunQueueValues[] {
  return runQueueValues(decodeRecord(plan, monitor.execute(plan)), CPUS);
}

/** Mean time that the sampling thread takes for a sample. */
async function sampledUs(monitor: NativeMonitor, plan: EncodedPlan): Promise<number> {
  await using sampler = monitor.sample(plan, { periodMs: PACE_MS, capacity: 2 * PACED_PASSES });
  await setTimeout(PACED_PASSES * PACE_MS);
  await sampler.stop(STOP_DEADLINE_MS);
  const times = sampler.drain().map((bytes) => Number(decodeRecord(plan, bytes).durationNs));
  return times.reduce((sum, ns) => sum + ns, 0) / times.length / NS_PER_US;
}

/** @throws {Error} when drgn does not see what we see */
async function drgnTimes(
  drgn: PeerDrgn,
  expected: readonly RunQueueValues[],
): Promise<Pick<Times, 'raw' | 'objects' | 'pacedRaw'>> {
  const measure = async (order: DrgnPasses): Promise<number> => {
    const { ns, values } = await drgn.read(order);
    if (!isDeepStrictEqual(values, expected)) throw new Error('drgn reads other values than the monitor');
    return ns / order.passes / NS_PER_US;
  };
  return {
    raw: await measure({ reader: 'raw', passes: DRGN_PASSES, pauseMs: 0 }),
    objects: await measure({ reader: 'objects', passes: DRGN_PASSES, pauseMs: 0 }),
    pacedRaw: await measure({ reader: 'raw', passes: PACED_PASSES, pauseMs: PACE_MS }),
  };
}

interface Row {
  name: string;
  ours: keyof Times;
  peer: keyof Times;
  /** A call per pass is not how the monitor reads what it reads often. */
  hasTarget?: boolean;
  notes: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'monitor.drgn',
    ours: 'loop',
    peer: 'raw',
    notes: 'both in a loop; drgn reads at given addresses, the least it can do',
  },
  {
    name: 'monitor.drgn.objects',
    ours: 'loop',
    peer: 'objects',
    notes: 'both in a loop; drgn reads through objects with types',
  },
  {
    ...{ name: 'monitor.drgn.paced', ours: 'paced', peer: 'pacedRaw' },
    notes: 'one pass a millisecond, by the sampling thread and by drgn at given addresses',
  },
  {
    ...{ name: 'monitor.drgn.call', ours: 'call', peer: 'raw', hasTarget: false },
    notes: 'a call from TypeScript per pass, which sets the plan up anew, and its values in TypeScript',
  },
];

function toResults(all: readonly Times[], version: string): BenchResult[] {
  return ROWS.map(({ name, ours, peer, notes, hasTarget = true }) => {
    const [own, theirs] = [all.map((times) => times[ours]), all.map((times) => times[peer])];
    const times = spreadOf(ratioValues(theirs, own)).median;
    return {
      ...{ name, unit: 'us', ours: spreadOf(own), ratio: ratioOf(own, theirs) },
      peer: { name: `python3-drgn ${version}`, ...spreadOf(theirs) },
      notes:
        `nr_running, clock and curr->pid of ${CPUS} run queues, one core file for both, equal values: ${notes}; ` +
        (hasTarget
          ? judge(times, { atLeast: TARGET_TIMES, unit: 'times faster' })
          : `${times.toFixed(2)} times faster`),
    };
  });
}

function ratioValues(values: readonly number[], by: readonly number[]): number[] {
  return values.map((value, index) => value / (by[index] ?? Number.NaN));
}
