import type { CpuSample, MonitorSample } from '../../../verdict/monitor/sample';

/**
 * Adds what was to be seen in the times without ticks. There is one at least every period while any CPU runs, so all of them slept from one
 * period after a sample to the next one, and what that shows was so all the time; only waits grew.
 *
 * @param samples of ticks, each the first at or after a period from the one before
 */
export function fillIdle(samples: readonly MonitorSample[], periodNs: bigint): MonitorSample[] {
  return samples.flatMap((sample, index) => {
    const previous = samples[index - 1];
    return previous === undefined ? [sample] : [...between(previous.hostNs, sample, periodNs), sample];
  });
}

function between(startNs: bigint, after: MonitorSample, periodNs: bigint): MonitorSample[] {
  const count = Number((after.hostNs - startNs - 1n) / periodNs);
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const hostNs = startNs + BigInt(index + 1) * periodNs;
    const earlierMs = Number(after.hostNs - hostNs) / NS_PER_MS;
    return { ...after, hostNs, cpus: after.cpus.map((cpu) => earlier(cpu, earlierMs)) };
  });
}

const NS_PER_MS = 1e6;

function earlier(cpu: CpuSample, byMs: number): CpuSample {
  const { longestWait } = cpu;
  return longestWait === null
    ? cpu
    : { ...cpu, longestWait: { ...longestWait, ms: Math.max(0, longestWait.ms - byMs) } };
}
