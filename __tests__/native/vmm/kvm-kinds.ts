import { readFileSync } from 'node:fs';

import { test } from '@jest/globals';

import { deviceState, judgeDevice } from '../../../src/host/doctor/kvm';
import { kvmObstacle } from '../../../src/host/machine/kvm/kvm-obstacle';

const isUsable = judgeDevice(deviceState()).status === 'ok';
const isReal = isUsable && kvmObstacle() === null;
/** The CPU is emulated. QEMU 7.2 loads DR7 from a guest's control block without putting it into effect. */
export const isOnQemu = /^model name\s*:.*QEMU TCG/m.test(readFileSync('/proc/cpuinfo', 'utf8'));

export const onKvm = isUsable ? test : test.skip;

/** An emulation of KVM runs few instructions, and need not see every fault: name the reason (needs a CPU with vmx or svm). */
export const onRealKvm = isReal ? test : test.skip;

/** To name: (needs debug registers of a real CPU). */
export const onDebugRegisters = isReal && !isOnQemu ? test : test.skip;
