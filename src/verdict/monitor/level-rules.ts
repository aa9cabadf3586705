import { deepestLocalDsq, eventRate, longestWait, runQueueExtremes } from './quantities';
import type { LevelRule } from './level-check';
import type { ScxEvent } from './sample';

/** The checks that compare a figure with a limit, in the order in which they are told. */
export const LEVEL_RULES: readonly LevelRule[] = [
  {
    threshold: 'maxImbalanceRatio',
    subject: 'the imbalance of the run queues',
    unit: 'sample',
    absent: 'no run queue could be read',
    read: ({ sample }) => {
      const extremes = runQueueExtremes(sample);
      if (extremes === null) return null;
      const { longest, shortest } = extremes;
      return {
        value: longest.value / Math.max(1, shortest.value),
        describe: () =>
          `${tasks(longest.value)} on cpu ${longest.cpu}, ${tasks(shortest.value)} on cpu ${shortest.cpu}`,
      };
    },
  },
  {
    threshold: 'maxLocalDsqDepth',
    subject: 'the depth of a local DSQ',
    unit: 'sample',
    absent: 'no sample has a local DSQ; the kernel has no sched_ext, or its types could not be read',
    read: ({ sample }) => {
      const deepest = deepestLocalDsq(sample);
      return deepest === null ? null : { value: deepest.value, describe: () => `on cpu ${deepest.cpu}` };
    },
  },
  {
    threshold: 'maxWaitMs',
    subject: 'the longest wait of a runnable task for a CPU, in ms,',
    unit: 'sample',
    absent: 'in no sample a scheduler of sched_ext is attached; of others the kernel does not tell it',
    read: ({ sample }) => {
      const wait = longestWait(sample);
      if (wait === null) return null;
      const { cpu, ms, task } = wait;
      return { value: ms, describe: () => (task === null ? '' : `${task.comm}[${task.pid}] on cpu ${cpu}`) };
    },
  },
  rateRule('maxFallbackRate', 'select_cpu_fallback'),
  rateRule('maxKeepLastRate', 'dispatch_keep_last'),
];

function rateRule(threshold: 'maxFallbackRate' | 'maxKeepLastRate', event: ScxEvent): LevelRule {
  return {
    threshold,
    subject: `the rate of ${event} events`,
    unit: 'interval',
    absent: `no two samples in a row have the counter ${event}, which is not sampled yet`,
    read: ({ sample, previous }) => {
      const value = previous === null ? null : eventRate(previous, sample, event);
      return value === null ? null : { value, describe: () => '' };
    },
  };
}

function tasks(count: number): string {
  if (count === 0) return 'none';
  return `${count} ${count === 1 ? 'task' : 'tasks'}`;
}
