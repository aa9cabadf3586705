import type { VmmOutcome } from '../../native/vmm';
import type { VmmRegisters } from '../../native/vmm-layout';
import type { MachineExit } from '../machine';

/** What the end of a machine of the library means; where nobody asked for it, with the registers of the vcpu that it came from. */
export function kvmExit({ end, vcpu, detail }: VmmOutcome, registers: () => VmmRegisters): MachineExit {
  switch (end) {
    case 'poweroff':
    case 'reset':
      return { kind: end };
    case 'stopped':
      return { kind: 'killed', signal: 'SIGKILL' };
    case 'triple-fault':
      return { kind: end, registers: `vcpu ${vcpu}: ${registersText(registers)}` };
    case 'running':
    case 'internal-error':
    case 'entry-failed':
    case 'broken':
    case 'halted': {
      const what = [`vcpu ${vcpu}`, end, detail].filter((part) => part !== '').join(': ');
      return { kind: 'failed', exitCode: null, stderr: `${what}\n${registersText(registers)}` };
    }
  }
}

function registersText(registers: () => VmmRegisters): string {
  try {
    return Object.entries(registers())
      .map(([name, value]) => `${name}=0x${value.toString(16)}`)
      .join(' ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
