import { expect, test } from '@jest/globals';

import { switchedOff } from '../../../../src/verdict/console/switched-off';

const line = (atS: string, text: string): string => `[    ${atS}] ${text}\n`;
const disabled = (reason: string): string => `sched_ext: BPF scheduler "mine" disabled (${reason})`;
const ENABLED = line('1.000000', 'sched_ext: BPF scheduler "mine" enabled');

test.each(['runtime error', 'scx_bpf_error', 'runnable task stall'])(
  'switchedOff() tells when a scheduler was switched off because of "%s"',
  (reason) => {
    const console = `${ENABLED}${line('4.250000', disabled(reason))}${line('5.000000', disabled('runtime error'))}`;
    expect(switchedOff(console)).toEqual({ atS: 4.25, reason });
  },
);

test.each(['unregistered from user space', 'unregistered from the main kernel', 'disabled by sysrq-S'])(
  'switchedOff() is null for a scheduler that was to go: %s',
  (reason) => {
    expect(switchedOff(ENABLED + line('4.250000', disabled(reason)))).toBeNull();
  },
);

test('switchedOff() does not read a line that is not whole', () => {
  const text = line('4.250000', disabled('runtime error'));
  expect(switchedOff(text.trimEnd())).toBeNull();
  expect(switchedOff('')).toBeNull();
});

test('switchedOff() has no time from a kernel that prints none', () => {
  expect(switchedOff(`${disabled('runtime error')}\n`)).toEqual({ atS: null, reason: 'runtime error' });
});
