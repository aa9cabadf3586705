import { describe, expect, test } from '@jest/globals';

import { kvmObstacle } from '../../../../../src/host/machine/kvm/kvm-obstacle';

const withFlags = (flags: string) => () => `processor\t: 0\nflags\t\t: fpu ${flags} lm\n`;

describe('kvmObstacle()', () => {
  test.each(['vmx', 'svm'])('is null where the device is usable and the CPU has %s', (flag) => {
    expect(kvmObstacle(() => true, withFlags(flag))).toBeNull();
  });

  test('is the CPU where it does not virtualise, whatever the device says', () => {
    expect(kvmObstacle(() => true, withFlags('svme hypervisor'))).toBe('the CPU has neither the flag vmx nor svm');
  });

  test('is the device where it cannot be used', () => {
    expect(kvmObstacle(() => false, withFlags('vmx'))).toMatch(/^\/dev\/kvm is not there/);
  });
});
