import type { SchedulerRun } from '../../../src/verdict/scheduler/scheduler-run';
import type { MessageKind, Message } from '../../../src/protocol/messages';

const topology = {
  cpus: [0, 1],
  llcs: [{ cpus: [0, 1], numaNode: 0, cacheSizeKib: null }],
  cores: [[0], [1]],
  nodes: [{ id: 0, cpus: [0, 1], memoryKib: 500_000, distances: [10] }],
};

const worker = {
  cgroup: 'a',
  index: 0,
  pid: 71,
  workType: 'SpinWait',
  workUnits: 5e9,
  iterations: 12,
  wallTimeNs: 2e9,
  cpuTimeNs: 1.5e9,
  offCpuNs: 5e8,
  maxGapNs: 4_000_000,
  maxGapCpu: -1,
  maxGapAtNs: 17,
  migrationCount: 1,
  migrations: [{ atNs: 5, from: 0, to: 1 }],
  cpusUsed: [0, 1],
  schedstatCpuTimeNs: 1,
  schedstatRunDelayNs: 2,
  schedstatRunCount: 3,
};

const schedulerRun: SchedulerRun = {
  name: 'scx_simple',
  argv: ['/ktstr/schedulers/scx_simple', '-f'],
  ops: 'simple',
  watchdog: { limitMs: 5000, askedMs: 0 },
  startedAtNs: 5,
  attachedAtNs: 6,
  endedAtNs: 7,
  stop: 'test-ended',
  outcome: 'scheduler-stalled',
  message: 'was switched off',
  exit: { code: null, signal: 'SIGKILL' },
  kernel: { reason: 'runnable task stall', message: 'worker[7] failed to run for 5.001s' },
  stdout: 'local=1',
  stderr: 'EXIT ✓',
  kernelLines: ['sched_ext: BPF scheduler "simple" enabled'],
  dump: ['CPU states', ''],
};

/** One full message of every kind. */
export const EXAMPLES: { [K in MessageKind]: Extract<Message, { kind: K }> } = {
  hello: {
    kind: 'hello',
    protocolVersion: 1,
    kernelRelease: '6.12.0',
    clockSource: 'tsc',
    topology,
    stages: [{ stage: 'init', atNs: 1_200_000_000 }],
  },
  testStart: { kind: 'testStart', name: 'Fairness two cgroups', atNs: 7 },
  console: { kind: 'console', type: 'log', message: 'a\u0000b ✓', stack: 'at body (test.js:1:1)', atNs: 8 },
  stepStart: { kind: 'stepStart', step: 1, atNs: 2 ** 32 + 5 },
  stepEnd: { kind: 'stepEnd', step: 2, atNs: 3_000_000_000, iterations: Number.MAX_SAFE_INTEGER },
  departure: { kind: 'departure', how: 'process.exit', code: 3, stack: '' },
  result: {
    kind: 'result',
    errors: [
      { name: 'Error', message: 'no', stack: 'Error: no', matcher: 'toBe' },
      { name: 'E', message: '', stack: '' },
    ],
    assertResult: {
      outcome: 'fail',
      details: [
        { kind: 'unfair', outcome: 'fail', message: 'spread', cgroup: 'a' },
        { kind: 'other', outcome: 'pass', message: '' },
      ],
      stats: [
        {
          cgroup: 'a',
          workers: 2,
          cpus: 2,
          avgOffCpuPct: 50.5,
          minOffCpuPct: 0,
          maxOffCpuPct: null,
          spreadPct: null,
          maxGapMs: 1.5,
          maxGapCpu: 0,
          migrations: 1,
          iterations: 24,
          workUnits: 1e10,
        },
      ],
      workers: [
        { ...worker, exit: { kind: 'completed' } },
        { ...worker, exit: { kind: 'signaled', signal: 9 } },
        { ...worker, exit: { kind: 'exited', code: 1 } },
        { ...worker, exit: { kind: 'timed-out' } },
      ],
    },
    schedulers: [schedulerRun],
    stages: [],
  },
  scheduler: { kind: 'scheduler', index: 2, run: schedulerRun },
};
