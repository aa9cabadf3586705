import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

import { chooseMachine } from '../../environment/availability';
import type { Report } from '../../src/host/doctor/examine';
import manifest from '../../package.json';
import { scaledMs } from '../../src/spec/time-scale';

const bin = join(resolve(__dirname, '../..'), manifest.bin.ktstr);
const DEADLINE_MS = scaledMs(60_000);

function doctor(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'doctor', ...args], { timeout: DEADLINE_MS });
  expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
  return String(stdout);
}

test('auto takes the KVM machine where KVM runs Linux', () => {
  expect(chooseMachine('auto')).toBe('kvm');
});

test('ktstr doctor says that tests run on the KVM machine, and what that stands on', () => {
  const report = JSON.parse(doctor('--json')) as Report;
  expect(report.machine).toBe('kvm');
  const checks = report.checks.filter(({ neededFor }) => neededFor === 'kvm');
  expect(checks.map(({ name, status, remedy }) => ({ name, status, remedy }))).toEqual(
    ['kvm-device', 'kvm-cpu', 'kvm-guest'].map((name) => ({ name, status: 'ok', remedy: null })),
  );
  const text = doctor();
  for (const { found } of checks.slice(0, 2)) expect(text).toContain(found);
  expect(text).toMatch(/\n\nthe demo can run on: kvm\n$/);
});
