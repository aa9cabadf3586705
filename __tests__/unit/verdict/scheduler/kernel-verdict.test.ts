import { expect, test } from '@jest/globals';

import { kernelVerdict } from '../../../../src/verdict/scheduler/kernel-verdict';

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
