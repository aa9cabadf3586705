import { describe, expect, test } from '@jest/globals';
import { reportText } from '../../../../src/host/cli/doctor-text';
import { check, missing, ok, warn } from '../../../../src/host/doctor/check';
import type { Report } from '../../../../src/host/doctor/examine';
import type { KernelRow } from '../../../../src/host/doctor/kernel-rows';

const ROW: KernelRow = {
  ...{ key: 'k', release: '6.12.1-long-release', source: 'test', folder: '/k', absent: [], problem: null },
  ...{ btf: true, schedExt: false, events: null, modules: ['virtio_mmio'] },
};

const GOOD: Report = {
  ok: true,
  machine: 'emulated',
  checks: [
    check('node', 'demo', ok('20.19.0')),
    check('kvm-cpu', 'kvm', missing('no flag', 'switch it on in the firmware')),
    check('memory', 'demo', warn('little of it', 'add memory')),
  ],
  kernels: [ROW],
};

const BAD: Report = {
  ...{ ok: false, machine: null, kernels: [] },
  checks: [check('qemu', 'demo', missing('none', 'get it')), check('disk', 'demo', missing('full', 'free it'))],
};

const plain = { isColoured: false, columns: Infinity };

describe('reportText()', () => {
  test('has a block per purpose, remedies under their checks, and the verdict last', () => {
    expect(reportText(GOOD, plain)).toBe(
      [
        'Tests on the emulated and the deterministic machine',
        '  ✓ node     20.19.0',
        '  ! memory   little of it',
        '             → add memory',
        '',
        'Tests on the KVM machine',
        '  ✗ kvm-cpu  no flag',
        '             → switch it on in the firmware',
        '',
        'Kernels in the cache',
        '  ✓ 6.12.1-long-release  BTF, no sched_ext, event counters not known, loads virtio_mmio',
        '',
        'not on kvm: no flag',
        'the demo can run on: emulated',
      ].join('\n'),
    );
  });

  test('names in the verdict what the demo lacks', () => {
    expect(reportText(BAD, plain).split('\n').at(-1)).toBe('the demo cannot run yet: it lacks qemu, disk');
  });

  test('breaks lines between words where the terminal ends', () => {
    const lines = reportText(GOOD, { isColoured: false, columns: 32 }).split('\n');
    const remedy = lines.indexOf('             → switch it on in');
    expect(lines.slice(remedy, remedy + 2)).toEqual(['             → switch it on in', '               the firmware']);
  });

  test.each<[string, Partial<KernelRow>, string]>([
    ['can do everything', { schedExt: true, events: true, modules: [] }, 'BTF, sched_ext, event counters, loads no'],
    ['lacks a module', { absent: ['virtio_pci'] }, 'loads virtio_mmio, lacks virtio_pci'],
    ['cannot be used', { problem: 'its image is gone' }, '! 6.12.1-long-release  cannot be used: its image is gone'],
    ['has no release', { release: null, problem: 'x' }, '! k'],
  ])('shows a kernel that %s', (_, change, shown) => {
    expect(reportText({ ...GOOD, kernels: [{ ...ROW, ...change }] }, plain)).toContain(shown);
  });
});
