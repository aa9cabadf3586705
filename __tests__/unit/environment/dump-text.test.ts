import { describe, expect, test } from '@jest/globals';

import { dumpText } from '../../../environment/dump-text';
import type { DumpedCpu, FailureDump, WaitingTask } from '../../../src/verdict/monitor/failure-dump';

const NODE = { pid: 1, comm: 'node', cpu: 0, schedClass: 'rt' as const };
const IDLE: DumpedCpu = {
  ...{ cpu: 1, nrRunning: 0, isIdle: true, localDsqDepth: 0, stack: ['default_idle+0x9'] },
  curr: { pid: 0, comm: 'swapper/1', cpu: 1, schedClass: 'idle' },
};
const BUSY: DumpedCpu = {
  cpu: 0,
  nrRunning: 2,
  isIdle: false,
  localDsqDepth: 3,
  curr: NODE,
  stack: ['a+0x1', 'b+0x2'],
};
const WORKER: WaitingTask = {
  ...{
    pid: 7,
    comm: 'SpinWait',
    cpu: 0,
    schedClass: 'ext',
    waitedMs: 5231,
    queue: 'DSQ 0x1',
    stack: ['schedule+0x2b'],
  },
};
const SCX = { state: 'ENABLED', ops: 'ktstr', exitKind: 'SCX_EXIT_NONE', watchdogTimeoutMs: 5000 };

function dump(sched: Partial<NonNullable<FailureDump['sched']>> | null, unavailable: string[] = []): FailureDump {
  const whole = sched && {
    cpus: [BUSY, IDLE],
    waiting: [WORKER],
    taskCount: 9,
    scx: SCX,
    dsqs: [],
    variables: [],
    ...sched,
  };
  return { version: 1, kernelRelease: '6.12.0', sched: whole, stacks: [], log: [], unavailable };
}

describe('dumpText()', () => {
  test('shows the scheduler, who waits longest with its stack, and each CPU', () => {
    const dsqs = [
      { id: '0x1', depth: 1, pids: [7] },
      { id: '0x2', depth: 0, pids: [] },
    ];
    expect(dumpText(dump({ dsqs }), '.ktstr/dumps/a.json')).toEqual([
      'the guest, seen from outside (all of it: .ktstr/dumps/a.json):',
      '  sched_ext: "ktstr", ENABLED, watchdog 5000 ms',
      '  waits: SpinWait[7] (ext) for 5.231 s on cpu 0, in DSQ 0x1',
      '      schedule+0x2b',
      '  cpu 0: runs node[1] (rt), 2 runnable, local DSQ 3',
      '      a+0x1',
      '      b+0x2',
      '  cpu 1: idle, 0 runnable, local DSQ 0',
      '  DSQ 0x1: 1 queued',
    ]);
  });

  test('shows the variables of the scheduler that are not 0, a line for each map', () => {
    const variables = [
      { map: 'mine.bss', name: 'stall', value: '1', isZero: false },
      { map: 'mine.bss', name: 'crash', value: '0', isZero: true },
      { map: 'mine.data', name: 'slice', value: '[5, 6]', isZero: false },
      { map: 'other.bss', name: 'idle', value: '0', isZero: true },
      ...Array.from({ length: 20 }, (_, index) => ({ map: 'many.bss', name: `v${index}`, value: '7', isZero: false })),
    ];
    const lines = dumpText(dump({ variables }), null).filter((line) => line.includes(' = '));
    expect(lines.slice(0, 2)).toEqual(['  mine.bss: stall = 1', '  mine.data: slice = [5, 6]']);
    expect(lines[2]).toMatch(/^ {2}many\.bss: v0 = 7, .*, v15 = 7, 4 more$/);
    expect(lines).toHaveLength(3);
  });

  test('leaves sched_ext out where no scheduler is attached', () => {
    const text = dumpText(dump({ scx: { ...SCX, ops: null } }), null).join('\n');
    expect(text).toMatch(/^the guest, seen from outside:\n/);
    expect(text).not.toMatch(/sched_ext|DSQ 3/);
  });

  test.each([
    { waitedMs: 999.94, says: ' for 999.9 ms' },
    { waitedMs: 1000, says: ' for 1.000 s' },
    { waitedMs: null, says: 'SpinWait[7] (ext) on cpu 0' },
  ])('tells a wait of $waitedMs ms', ({ waitedMs, says }) => {
    expect(dumpText(dump({ waiting: [{ ...WORKER, waitedMs }] }), null).join('\n')).toContain(says);
  });

  test('says how many more there are than it shows', () => {
    const waiting = Array.from({ length: 20 }, (_, pid) => ({ ...WORKER, pid }));
    const cpus = Array.from({ length: 40 }, (_, cpu) => ({ ...IDLE, cpu }));
    const text = dumpText(dump({ waiting, cpus }), null);
    expect(text).toContain('  and 12 more tasks that wait');
    expect(text).toContain('  and 24 more CPUs');
    // Only the first of those that wait has its stack shown.
    expect(text.filter((line) => line.includes('schedule+'))).toHaveLength(1);
  });

  test('shows stacks and the end of the log of a kernel that had no scheduler yet', () => {
    const early = {
      ...dump(null, ['the scheduler: the pointer is null']),
      stacks: [['panic+0x1', 'setup_arch+0x2'], [], Array<string>(9).fill('f+0x3')],
      log: Array.from({ length: 20 }, (_, line) => `[    0.00000${line}] line ${line}`),
    };
    expect(dumpText(early, null)).toEqual([
      'the guest, seen from outside:',
      ...['  vcpu 0:', '      panic+0x1', '      setup_arch+0x2'],
      ...['  vcpu 2:', ...Array<string>(6).fill('      f+0x3')],
      "  the end of the kernel's log:",
      ...early.log.slice(-10).map((line) => `      ${line}`),
      '  not read: the scheduler: the pointer is null',
    ]);
    const many = { ...dump(null), stacks: Array<string[]>(40).fill(['panic+0x1']) };
    expect(dumpText(many, null).slice(-3)).toEqual(['  vcpu 15:', '      panic+0x1', '  and 24 more vcpus']);
  });

  test('says what could not be read', () => {
    expect(dumpText(dump(null, ['the kernel: there is no image']), null)).toEqual([
      'the guest, seen from outside:',
      '  not read: the kernel: there is no image',
    ]);
  });
});
