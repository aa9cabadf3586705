import { describe, expect, test } from '@jest/globals';

import { parseRegisters } from '../../../../../src/host/machine/qemu/parse-registers';

/** As QEMU 7.2 prints it, shortened. */
const TEXT = `
CPU#0
RAX=0000000000000000 RBX=ffffffff82a0c900 RCX=0000000000000001 RDX=0000000000000000
RSI=0000000000000083 RDI=0000000000000000 RBP=ffffffff82a03e68 RSP=ffffffff82a03e60
RIP=ffffffff81e0a0ff RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
CR0=80050033 CR2=00007f0000000000 CR3=0000000002a10000 CR4=00350ef0

CPU#1
RAX=0000000000000001 RBX=0000000000000002 RCX=0000000000000001 RDX=0000000000000000
RSI=0000000000000083 RDI=0000000000000000 RBP=0000000000000000 RSP=00007ffc00000010
RIP=0000000000401000 RFL=00000246 [---Z-P-] CPL=3 II=0 A20=1 SMM=0 HLT=0
CR0=80050033 CR2=0000000000000000 CR3=000000000abcd000 CR4=00350ef0
`.replaceAll('\n', '\r\n');

describe('parseRegisters()', () => {
  test('takes the place of each vcpu', () => {
    expect(parseRegisters(TEXT)).toEqual([
      { rip: 0xffffffff81e0a0ffn, rsp: 0xffffffff82a03e60n, rbp: 0xffffffff82a03e68n, cr3: 0x2a10000n },
      { rip: 0x401000n, rsp: 0x7ffc00000010n, rbp: 0n, cr3: 0xabcd000n },
    ]);
  });

  test('takes that of a vcpu that has not been started', () => {
    const text = [
      ...[
        '',
        'CPU#0',
        'EAX=00000000 EBX=00000000 ECX=00000000 EDX=00060fb1',
        'ESI=00000000 EDI=00000000 EBP=00000010 ESP=00000020',
      ],
      ...[
        'EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=1',
        'CR0=60000010 CR2=00000000 CR3=00000000 CR4=00000000',
        '',
      ],
    ].join('\r\n');
    expect(parseRegisters(text)).toEqual([{ rip: 0xfff0n, rsp: 0x20n, rbp: 0x10n, cr3: 0n }]);
  });

  test.each([
    { name: 'no CPU', text: 'unknown command', says: 'there is no CPU' },
    { name: 'a CPU without a register', text: TEXT.replaceAll('RSP=', 'XXX='), says: 'there is no RSP' },
  ])('refuses $name', ({ text, says }) => {
    expect(() => parseRegisters(text)).toThrow(says);
  });
});
