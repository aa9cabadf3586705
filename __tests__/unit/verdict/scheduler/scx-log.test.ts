import { expect, test } from '@jest/globals';

import { kernelVerdict, parseScxLine } from '../../../../src/verdict/scheduler/scx-log';

test.each([
  { line: 'sched_ext: BPF scheduler "simple" enabled', parsed: { kind: 'enabled', ops: 'simple' } },
  { line: 'sched_ext: BPF scheduler "qmap" enabled (partial)', parsed: { kind: 'enabled', ops: 'qmap' } },
  {
    line: 'sched_ext: BPF scheduler "simple" disabled (runnable task stall)',
    parsed: { kind: 'disabled', ops: 'simple', reason: 'runnable task stall' },
  },
  {
    line: 'sched_ext: simple: w[1] failed to run',
    parsed: { kind: 'message', ops: 'simple', message: 'w[1] failed to run' },
  },
  { line: 'sched_ext: BPF scheduler not yet used', parsed: null },
  { line: 'sched_ext: "simple" does not implement cgroup cpu.weight', parsed: null },
  { line: 'clocksource: tsc', parsed: null },
])('parseScxLine() reads $line', ({ line, parsed }) => {
  expect(parseScxLine(line)).toEqual(parsed);
});

test('kernelVerdict() is the last end that was told, with the message behind it', () => {
  const lines = [
    'sched_ext: BPF scheduler "a" disabled (unregistered from user space)',
    'sched_ext: BPF scheduler "b" enabled',
    'sched_ext: BPF scheduler "b" disabled (scx_bpf_error)',
    'sched_ext: b: invalid DSQ ID 0x7',
    '   scx_dispatch+0x1/0x2',
  ];
  expect(kernelVerdict(lines)).toEqual({ reason: 'scx_bpf_error', message: 'invalid DSQ ID 0x7' });
  expect(kernelVerdict(lines.slice(0, 2))).toEqual({ reason: 'unregistered from user space', message: null });
  expect(kernelVerdict(lines.slice(1, 2))).toBeNull();
});
