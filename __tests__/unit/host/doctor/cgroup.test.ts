import { describe, expect, test } from '@jest/globals';
import { cgroupMount, judgeCgroup } from '../../../../src/host/doctor/cgroup';

describe('cgroupMount()', () => {
  test.each([
    [
      'the only hierarchy',
      'proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,favordynmods 0 0\n',
      { folder: '/sys/fs/cgroup', favordynmods: true },
    ],
    [
      'a hierarchy beside v1',
      'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n',
      { folder: '/sys/fs/cgroup/unified', favordynmods: false },
    ],
    ['a path with a blank', 'none /mnt/a\\040b cgroup2 rw 0 0\n', { folder: '/mnt/a b', favordynmods: false }],
    ['v1 alone', 'cgroup /sys/fs/cgroup/cgroup2 cgroup rw,favordynmods 0 0\n', null],
  ])('finds %s', (_, mounts, mount) => {
    expect(cgroupMount(mounts)).toEqual(mount);
  });
});

describe('judgeCgroup()', () => {
  const mount = { folder: '/sys/fs/cgroup', favordynmods: false };

  test('is ok with the controllers of schedulers, and says whether favordynmods is on', () => {
    const found = 'v2 at /sys/fs/cgroup: cpuset cpu io; favordynmods is off';
    expect(judgeCgroup(mount, ['cpuset', 'cpu', 'io'])).toMatchObject({ status: 'ok', found });
    const dynamic = judgeCgroup({ ...mount, favordynmods: true }, ['cpuset', 'cpu']);
    expect(dynamic).toMatchObject({ found: expect.stringContaining('is on'), facts: { favordynmods: true } });
  });

  test('warns when v1 holds controllers', () => {
    const judged = judgeCgroup(mount, ['cpu', 'memory']);
    expect(judged).toMatchObject({ status: 'warn', found: expect.stringContaining('without cpuset') });
  });

  test('is missing when it is not mounted', () => {
    const remedy = 'boot with systemd.unified_cgroup_hierarchy=1';
    expect(judgeCgroup(null, [])).toMatchObject({ status: 'missing', remedy, facts: { mount: null } });
  });
});
