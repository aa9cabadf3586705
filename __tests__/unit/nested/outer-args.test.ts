import { describe, expect, test } from '@jest/globals';

import { outerArgs } from '../../../nested/outer-args';

const CONFIG = { kernelImage: '/k', initrd: '/i', tscKhz: 2_000_000, timeDilation: 3, sharedFolder: '/a,b' };

describe('outerArgs()', () => {
  const args = outerArgs(CONFIG);

  test("shares the host's files read-only and one folder to write to", () => {
    const shares = args.filter((_, index) => args[index - 1] === '-fsdev');
    expect(shares).toEqual([
      'local,id=host,path=/,security_model=none,multidevs=remap,readonly=on',
      'local,id=shared,path=/a,,b,security_model=none,multidevs=remap',
    ]);
  });

  test('gives the ports of the program their numbers in the order that init opens them', () => {
    const ports = args.filter((arg) => arg.startsWith('virtserialport,'));
    expect(ports.map((port) => port.split(',').slice(1, 3))).toEqual([
      ['nr=1', 'chardev=out'],
      ['nr=2', 'chardev=err'],
      ['nr=3', 'chardev=control'],
    ]);
  });

  test('tells the kernel of a faster TSC than it has, so that its time goes slower', () => {
    expect(args[args.indexOf('-append') + 1]).toContain(`tsc_early_khz=${2_000_000 * 3} `);
  });
});
