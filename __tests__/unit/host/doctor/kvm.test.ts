import { describe, expect, test } from '@jest/globals';
import { judgeCpu, judgeDevice, judgeGuest, virtualisationFlag, type Probe } from '../../../../src/host/doctor/kvm';

const RAN: Probe = { api: 12, missing: [], guest: 'ran', at: null, error: null, elapsedUs: 900 };

describe('virtualisationFlag()', () => {
  test.each([
    ['Intel', 'processor\t: 0\nflags\t\t: fpu vme vmx sse\nvmx flags\t: vnmi\n', 'vmx'],
    ['AMD', 'processor\t: 0\nflags\t\t: fpu svm\n\nprocessor\t: 1\nflags\t\t: fpu svm\n', 'svm'],
    ['a CPU that cannot', 'processor\t: 0\nflags\t\t: fpu vme svm_lock xvmx\n', null],
    ['a text without flags', 'Features : fp asimd\n', null],
  ])('reads the flag of %s', (_, cpuinfo, flag) => {
    expect(virtualisationFlag(cpuinfo)).toBe(flag);
  });
});

test.each(['vmx', 'svm'] as const)('judgeCpu() accepts %s', (flag) => {
  expect(judgeCpu(flag)).toMatchObject({ status: 'ok', remedy: null, facts: { flag } });
});

test('judgeCpu() names both flags when there is none', () => {
  expect(judgeCpu(null)).toMatchObject({ status: 'missing', found: expect.stringMatching(/vmx.*svm/) });
});

test.each([
  { kind: 'usable', status: 'ok', remedy: null, present: true },
  { kind: 'not-permitted', status: 'missing', remedy: expect.stringContaining('usermod -aG kvm'), present: true },
  { kind: 'other-file', status: 'missing', remedy: expect.stringContaining('modprobe'), present: false },
  { kind: 'absent', status: 'missing', remedy: expect.stringContaining('modprobe'), present: false },
] as const)('judgeDevice() gives $status for a device that is $kind', ({ kind, status, remedy, present }) => {
  expect(judgeDevice({ kind })).toMatchObject({ status, remedy, facts: { present } });
});

describe('judgeGuest()', () => {
  test('is ok when the guest ran on a KVM that has everything', () => {
    const facts = { api: 12, guest: 'ran', missingCapabilities: [], elapsedUs: 900 };
    expect(judgeGuest(RAN)).toEqual({ status: 'ok', found: expect.stringContaining('0.9 ms'), remedy: null, facts });
  });

  test.each<[string, Partial<Probe>, RegExp]>([
    ['did not start', { api: null, guest: 'not-started', at: 'open', error: 'Permission denied' }, /\(open: Perm/],
    ['did not end', { guest: 'timed-out' }, /did not end within 1 s$/],
    ['stands in a call', { api: null, guest: 'timed-out', at: 'a call', elapsedUs: null }, /within 1 s \(a call\)$/],
    ['computed something else', { guest: 'wrong' }, /another way/],
    ['ran on another API', { api: 11 }, /version 11, needed is 12/],
  ])('is missing when the guest %s', (_, change, found) => {
    const judged = judgeGuest({ ...RAN, ...change });
    expect(judged).toMatchObject({ status: 'missing', found: expect.stringMatching(found) });
    expect(judged.remedy).not.toBeNull();
  });

  test('warns of capabilities that KVM lacks', () => {
    const judged = judgeGuest({ ...RAN, missing: ['KVM_CAP_IRQFD'] });
    expect(judged).toMatchObject({ status: 'warn', found: expect.stringContaining('KVM_CAP_IRQFD') });
  });
});
