import { describe, expect, test } from '@jest/globals';

import { kvmExit } from '../../../../../src/host/machine/kvm/kvm-exit';
import { VMM_ENDS, type VmmRegisters } from '../../../../../src/host/native/vmm-layout';

const REGISTERS = { rax: 1, rip: 0xffff_ffff_8100_0000n } as unknown as VmmRegisters;
const DUMP = 'rax=0x1 rip=0xffffffff81000000';
const UNASKED = { vcpu: 3, reason: 1, detail: 'KVM internal error 1' };

describe('kvmExit()', () => {
  test.each([
    { end: 'poweroff', exit: { kind: 'poweroff' } },
    { end: 'reset', exit: { kind: 'reset' } },
    { end: 'stopped', exit: { kind: 'killed', signal: 'SIGKILL' } },
  ] as const)('takes $end for what it is, without registers', ({ end, exit }) => {
    const refuse = (): never => {
      throw new Error('nobody asks for these');
    };
    expect(kvmExit({ ...UNASKED, end }, refuse)).toEqual(exit);
  });

  test('gives the registers of the vcpu whose fault had no handler', () => {
    const exit = kvmExit({ ...UNASKED, end: 'triple-fault', detail: '' }, () => REGISTERS);
    expect(exit).toEqual({ kind: 'triple-fault', registers: `vcpu 3: ${DUMP}` });
  });

  test.each(VMM_ENDS.filter((end) => !['poweroff', 'reset', 'stopped', 'triple-fault'].includes(end)))(
    'gives what is known of %s, with the registers',
    (end) => {
      const stderr = `vcpu 3: ${end}: KVM internal error 1\n${DUMP}`;
      expect(kvmExit({ ...UNASKED, end }, () => REGISTERS)).toEqual({ kind: 'failed', exitCode: null, stderr });
    },
  );

  test('says why there are no registers', () => {
    const refuse = (): never => {
      throw new Error('the machine runs');
    };
    const exit = kvmExit({ ...UNASKED, end: 'entry-failed', detail: '' }, refuse);
    expect(exit).toMatchObject({ stderr: 'vcpu 3: entry-failed\nthe machine runs' });
  });
});
