import { readFileSync } from 'node:fs';

import { test } from '@jest/globals';

import { deviceState, judgeDevice } from '../../../src/host/doctor/kvm';
import { kvmObstacle } from '../../../src/host/machine/kvm/kvm-obstacle';

const isUsable = judgeDevice(deviceState()).status === 'ok';
const isReal = isUsable && kvmObstacle() === null;
/** The CPU is emulated. QEMU 7.2 loads DR7 from a guest's control block without putting it into effect. */
export const isOnQemu = /^model name\s*:.*QEMU TCG/m.test(readFileSync('/proc/cpuinfo', 'utf8'));

/** `test`, or where something is missing one that skips and names that in the titles, as CI asks for. */
export function testWith(isThere: boolean, need: string): typeof test {
  if (isThere) return test;
  const named = ([title, ...rest]: unknown[]): unknown[] => [`${String(title)} (${need})`, ...rest];
  return new Proxy(test, {
    apply: (_test, self, args) => Reflect.apply(test.skip, self, named(args)) as unknown,
    get: (_test, name) => {
      if (name !== 'each') throw new TypeError(`a test that may be skipped has no ${String(name)}`);
      return (...rows: unknown[]) => {
        const declare = Reflect.apply(test.skip.each, test.skip, rows) as (...args: unknown[]) => void;
        return (...args: unknown[]) => declare(...named(args));
      };
    },
  });
}

/** All of them run in the tier kvm, too, which has a KVM anywhere. */
export const onKvm = testWith(isUsable, 'needs /dev/kvm');

/** An emulation of KVM runs few instructions, and need not see every fault: name the reason (needs a CPU with vmx or svm). */
export const onRealKvm = isReal ? test : test.skip;

/** To name: (needs debug registers of a real CPU). */
export const onDebugRegisters = isReal && !isOnQemu ? test : test.skip;
