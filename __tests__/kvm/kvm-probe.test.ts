import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { deviceState, virtualisationFlag, type Probe } from '../../src/host/doctor/kvm';
import { nativeProgram } from '../../src/package-root';
import { scaledMs } from '../../src/spec/time-scale';

test('the CPU can virtualise, and this user may use KVM', () => {
  expect(virtualisationFlag(readFileSync('/proc/cpuinfo', 'utf8'))).toMatch(/^(vmx|svm)$/);
  expect(deviceState()).toEqual({ kind: 'usable' });
});

test('kvm_probe runs a guest of a few instructions, and KVM has all that our machine builds on', () => {
  const probe = JSON.parse(
    execFileSync(nativeProgram('host/kvm_probe'), { timeout: scaledMs(10_000) }).toString(),
  ) as Probe;
  expect(probe).toMatchObject({ api: 12, missing: [], guest: 'ran', at: null });
});
