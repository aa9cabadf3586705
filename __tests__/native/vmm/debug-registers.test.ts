import { execFileSync } from 'node:child_process';

import { describe, expect } from '@jest/globals';

import { builtProgram } from '../programs';
import { isOnQemu, testWith } from './kvm-kinds';

const program = builtProgram('host/watch_test');

function hitsOf(args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', timeout: 10_000 }).trim();
}

/** A hypervisor may take what a process puts into its debug registers and do nothing with it. QEMU does what they say. */
const hasDebugRegisters = isOnQemu || hitsOf(['cpu']).startsWith('0 -');
const onDebugRegisters = testWith(hasDebugRegisters, 'needs debug registers that work');

/** A process of this host is traced: its debug registers are those of the CPU. */
describe('debug_registers_fill()', () => {
  onDebugRegisters.each([
    { name: 'nothing', watches: [], hits: '- - - - - - - - - - - - - - - -' },
    { name: 'one byte', watches: ['3:1'], hits: '- - - 0 - - - - - - - - - - - -' },
    { name: 'each width', watches: ['0:1', '4:4', '2:2', '8:8'], hits: '0 - 2 2 1 1 1 1 3 3 3 3 3 3 3 3' },
    // Of two slots that one write hits, QEMU 7.2 tells the first.
    {
      name: 'the same byte twice',
      watches: ['0:8', '1:1'],
      hits: `0 ${isOnQemu ? '0' : '01'} 0 0 0 0 0 0 - - - - - - - -`,
    },
    { name: 'the last slot alone', watches: ['0:0', '0:0', '0:0', '12:2'], hits: '- - - - - - - - - - - - 3 3 - -' },
  ])('watches $name', ({ watches, hits }) => {
    expect(hitsOf(watches)).toBe(hits);
  });
});
