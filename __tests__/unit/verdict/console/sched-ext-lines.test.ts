import { describe, expect, test } from '@jest/globals';
import { kernelLines } from '../../../../src/verdict/console/kernel-lines';
import { schedExtEvents } from '../../../../src/verdict/console/sched-ext-lines';
import { STALL, stamped } from './consoles';

const eventsOf = (text: string): object[] => schedExtEvents(kernelLines(stamped(text)));

describe('schedExtEvents()', () => {
  test.each([
    { line: 'sched_ext: BPF scheduler "simple" enabled', event: { ops: 'simple', event: 'enabled' } },
    {
      line: 'sched_ext: BPF scheduler "cosmos_1.0.2_x86_64" enabled (partial)',
      event: { ops: 'cosmos_1.0.2_x86_64', event: 'enabled', message: 'partial' },
    },
    {
      line: 'sched_ext: BPF sub-scheduler "child" disabled (parent exiting)',
      event: { ops: 'child', event: 'disabled', reason: 'parent exiting' },
    },
    ...[
      'unregistered from user space',
      'unregistered from BPF',
      'unregistered from the main kernel',
      'disabled by sysrq-S',
      'runtime error',
      'scx_bpf_error',
      'runnable task stall',
    ].map((reason) => ({
      line: `sched_ext: BPF scheduler "simple" disabled (${reason})`,
      event: { ops: 'simple', event: 'disabled', reason },
    })),
    {
      line: 'sched_ext: simple: SCX_DSQ_LOCAL[_ON] verdict target cpu 1 not allowed for kworker/u8:1[33]',
      event: {
        ops: 'simple',
        event: 'message',
        message: 'SCX_DSQ_LOCAL[_ON] verdict target cpu 1 not allowed for kworker/u8:1[33]',
      },
    },
  ])('reads "$line"', ({ line, event }) => {
    expect(eventsOf(line)).toEqual([{ ...event, lineNumber: 1 }]);
  });

  test('reads a stall and what it was about, and leaves out the frames behind it', () => {
    expect(eventsOf(STALL)).toEqual([
      { ops: 'fixture', event: 'disabled', reason: 'runnable task stall', lineNumber: 1 },
      { ops: 'fixture', event: 'message', message: 'worker[42] failed to run for 5.004s', lineNumber: 2 },
    ]);
  });

  test.each([
    'sched_ext: "simple" does not implement cgroup cpu.weight',
    'sched_ext: BPF scheduler not yet used',
    'sched_ext: ops error detected without ops (x)',
    'sched_ext: worker[42] has zero slice in pick_task_scx()',
    'Sched_ext: simple (enabled+all), task: runnable_at=-2ms',
  ])('has no event for "%s"', (line) => {
    expect(eventsOf(line)).toEqual([]);
  });
});
