import { spawnSync } from 'node:child_process';

import { beforeAll, expect, test } from '@jest/globals';

import { judgeGuest, type Probe } from '../../../src/host/doctor/kvm';
import { builtProgram } from '../programs';
import { onKvm } from '../vmm/kvm-kinds';

/** The probe ends on its own after 3 s; one that does not is killed here. */
const DEADLINE_MS = 10_000;

let program: string;

beforeAll(() => {
  program = builtProgram('host/kvm_probe');
});

function run(args: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: DEADLINE_MS });
  return { status, signal, stdout, stderr };
}

function probe(args: readonly string[]): Probe {
  const { status, stdout, ...rest } = run(args);
  expect({ status, ...rest }).toEqual({ status: 0, signal: null, stderr: '' });
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout) as Probe;
}

onKvm('kvm_probe runs a guest that computes', () => {
  const result = probe([]);
  expect(result).toEqual({
    ...{ api: 12, missing: [], guest: 'ran', at: null, error: null },
    elapsedUs: expect.any(Number),
  });
  expect(judgeGuest(result)).toMatchObject({ status: 'ok' });
});

onKvm('kvm_probe takes an endless guest from the CPU after a second', () => {
  const result = probe(['/dev/kvm', 'endless']);
  expect(result).toMatchObject({ api: 12, guest: 'timed-out' });
  expect(result.elapsedUs).toBeGreaterThanOrEqual(1_000_000);
  // A third tick of its timer would have ended it without a figure.
  expect(result.elapsedUs).toBeLessThan(3_000_000);
});

test.each([
  { name: 'there is no device', device: '/nonexistent/kvm', at: 'open', error: 'No such file or directory' },
  {
    name: 'the device is another',
    device: '/dev/null',
    at: 'KVM_GET_API_VERSION',
    error: 'Inappropriate ioctl for device',
  },
])('kvm_probe names the step that failed when $name', ({ device, at, error }) => {
  expect(probe([device])).toMatchObject({ api: null, missing: [], guest: 'not-started', at, error });
});

test.each([
  { name: 'an unknown guest', args: ['/dev/kvm', 'forever'] },
  { name: 'too many arguments', args: ['/dev/kvm', 'endless', 'x'] },
])('kvm_probe exits with 2 for $name', ({ args }) => {
  expect(run(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('usage: kvm_probe') });
});
