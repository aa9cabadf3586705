import { HarnessError } from '../../../errors';
import type { CpuRegisters } from '../../monitor/cpu-registers';

/**
 * What QEMU's monitor prints for `info registers -a` of x86-64 (target/i386/cpu-dump.c): per vcpu a line `CPU#<n>`, then the registers as
 * `NAME=<16 hex digits>`, several in a line. A vcpu that is not in long mode, as before the kernel has started it, has them by their names
 * and in the length of 32 bits.
 * @throws {HarnessError} `qmp`
 */
export function parseRegisters(text: string): CpuRegisters[] {
  const blocks = text.split(/^CPU#\d+\s*$/m).slice(1);
  if (blocks.length === 0) throw unreadable('there is no CPU in it');
  return blocks.map((block) => {
    const value = (name: string, short = name): bigint => {
      const hex = new RegExp(`\\b(?:${name}|${short})=([0-9a-f]{8,16})`).exec(block)?.[1];
      if (hex === undefined) throw unreadable(`there is no ${name} in it`);
      return BigInt(`0x${hex}`);
    };
    return { rip: value('RIP', 'EIP'), rsp: value('RSP', 'ESP'), rbp: value('RBP', 'EBP'), cr3: value('CR3') };
  });
}

function unreadable(reason: string): HarnessError {
  return new HarnessError('qmp', { command: 'info registers -a', reason });
}
