import { describe, expect, test } from '@jest/globals';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  availableMib,
  freeMib,
  judgeCacheFolder,
  judgeDisk,
  judgeGuestRam,
  judgeMemory,
} from '../../../../src/host/doctor/room';

test.each([
  ['of a host', 'MemTotal:       24684084 kB\nMemAvailable:   1048576 kB\nBuffers: 1 kB\n', 1024],
  ['rounds down', 'MemAvailable:   1048575 kB\n', 1023],
  ['without the line', 'MemTotal:       24684084 kB\nMemFree: 1 kB\n', null],
])('availableMib() reads /proc/meminfo %s', (_, meminfo, mib) => {
  expect(availableMib(meminfo)).toBe(mib);
});

test.each([
  [1024, 'ok', '1.0 GiB available'],
  [1023, 'missing', '1023 MiB available, needed is 1.0 GiB'],
  [null, 'warn', '/proc/meminfo has no MemAvailable'],
])('judgeMemory() of %s MiB is %s', (mib, status, found) => {
  expect(judgeMemory(mib)).toMatchObject({ status, found, facts: { availableMib: mib, neededMib: 1024 } });
});

describe('judgeGuestRam()', () => {
  test.each([
    { when: 'the first folder has room', shm: 1024, tmp: 0, status: 'ok', folder: '/dev/shm' },
    { when: 'only the second has room', shm: 64, tmp: 2048, status: 'warn', folder: '/tmp' },
    { when: 'none has room', shm: 64, tmp: 1023, status: 'missing', folder: null },
  ])('is $status when $when', ({ shm, tmp, status, folder }) => {
    const judged = judgeGuestRam([
      { folder: '/dev/shm', mib: shm },
      { folder: '/tmp', mib: tmp },
    ]);
    expect(judged).toMatchObject({ status, facts: { folder } });
    expect(judged.remedy).toEqual(status === 'ok' ? null : expect.stringContaining('--shm-size'));
  });
});

test.each([
  [500, 'ok', null],
  [499, 'missing', expect.stringContaining('KTSTR_CACHE_DIR')],
])('judgeDisk() of %s MiB, when 500 are needed, is %s', (mib, status, remedy) => {
  expect(judgeDisk({ folder: '/cache', mib }, 500)).toMatchObject({ status, remedy, facts: { freeMib: mib } });
});

test('freeMib() of a folder that is not there yet is that of the folder it will lie in', () => {
  expect(freeMib(join(tmpdir(), 'not', 'there'))).toBeGreaterThan(0);
});

test.each([
  ['of a folder that will lie in one that can be written', join(tmpdir(), 'not', 'there'), 'ok'],
  ['of a path that leads through a file', '/dev/null/ktstr', 'missing'],
])('judgeCacheFolder() %s is %s', (_, folder, status) => {
  expect(judgeCacheFolder(folder)).toMatchObject({ status, facts: { folder } });
});
