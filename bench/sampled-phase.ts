import { readdirSync, readFileSync } from 'node:fs';

import type { Kernel } from '../src/host/monitor/kernel/kernel';
import { SchedulerSampler } from '../src/host/monitor/sample/scheduler-sampler';
import type { BenchGuest } from './guest';
import { hostBusyMs } from './host-load';
import { ownChildren } from './own-children';

/** A phase of the fixture SPIN_PHASES with one worker. */
export interface Phase {
  /** Iterations of the guest's SpinWait, a second of its time. */
  rate: number;
  /** The same, a second of QEMU's CPU time. */
  cpuRate: number;
  /** Percent of a host core, of the sampling thread when it takes all samples that are due. */
  threadPct: number;
  /** Percent of the samples that were due. */
  takenPct: number;
  /** Percent of a host core, of this process with its threads. */
  processPct: number;
  /** Percent of a host core, of what is neither this process nor QEMU. */
  othersPct: number;
}

/** How a phase is sampled. */
export interface PhaseSampling {
  kernel: Kernel;
  cpuCount: number;
  periodMs: number;
  vcpuThreads: readonly { pid: number; tid: number }[];
}

const MS_PER_S = 1_000;
const US_PER_MS = 1_000;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;
const PERCENT = 100;

/** Waits for the next phase and sees it to its end, sampled or not. */
export async function runPhase(guest: BenchGuest, sampling: PhaseSampling | null): Promise<Phase> {
  const word = await guest.next();
  if (word !== 'begin') throw new Error(`the guest says "${word}" where a phase begins`);
  await using sampler = sampling && (await startSampler(guest, sampling));
  const startedAt = performance.now();
  const before = { usage: process.cpuUsage(), qemuNs: childrenCpuNs(), busyMs: hostBusyMs() };
  const { iterations, wallTimeNs } = workerOf(await guest.next());
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before.usage);
  const qemuNs = childrenCpuNs() - before.qemuNs;
  const ownMs = (user + system) / US_PER_MS;
  const othersMs = hostBusyMs() - before.busyMs - ownMs - qemuNs / NS_PER_MS;
  const threadNs = Number(sampler?.threadCpuNs ?? 0n);
  const taken = (await sampler?.finish())?.samples.length ?? 0;
  const perSecond = MS_PER_S / (sampling?.periodMs ?? MS_PER_S);
  return {
    rate: (iterations * NS_PER_S) / wallTimeNs,
    cpuRate: (iterations * NS_PER_S) / qemuNs,
    threadPct: taken === 0 ? 0 : (threadNs / taken) * (perSecond / NS_PER_S) * PERCENT,
    takenPct: (taken / ((perSecond * elapsedMs) / MS_PER_S)) * PERCENT,
    processPct: (ownMs / elapsedMs) * PERCENT,
    othersPct: (othersMs / elapsedMs) * PERCENT,
  };
}

function startSampler({ machine }: BenchGuest, { kernel, ...options }: PhaseSampling): Promise<SchedulerSampler> {
  return SchedulerSampler.start(kernel, machine.ram, options);
}

interface Worker {
  iterations: number;
  wallTimeNs: number;
}

function workerOf(printed: string): Worker {
  const [worker] = JSON.parse(printed) as Worker[];
  if (worker === undefined) throw new Error('the phase had no worker');
  return worker;
}

/** CPU time of the children of this process, of which the machine is the only one. */
function childrenCpuNs(): number {
  const threads = ownChildren().flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`),
  );
  // The first field of schedstat: nanoseconds on a CPU.
  return threads.reduce((sum, thread) => sum + Number.parseInt(readFileSync(`${thread}/schedstat`, 'utf8')), 0);
}
