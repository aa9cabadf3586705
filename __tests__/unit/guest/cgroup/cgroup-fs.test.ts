import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { realCgroupFs } from '../../../../src/guest/cgroup/cgroup-fs';
import { useTempFolder } from '../../initramfs/temp-folder';

const temp = useTempFolder();

describe('realCgroupFs()', () => {
  test('makes, reads, writes and removes below its root', () => {
    const fs = realCgroupFs(temp.path());
    temp.write({ 'cgroup.controllers': 'cpu memory\n' });
    fs.create('a');
    fs.create('a/b');
    expect([fs.has('a/b'), fs.has('b'), fs.directory('a/b')]).toEqual([true, false, temp.path('a/b')]);
    expect(fs.read('', 'cgroup.controllers')).toBe('cpu memory');
    fs.write('', 'cpuset.cpus', '0-1');
    expect(fs.read('', 'cpuset.cpus')).toBe('0-1');
    fs.remove('a/b');
    fs.remove('a');
    expect(existsSync(temp.path('a'))).toBe(false);
  });

  test('waits until the last process of a cgroup is gone', async () => {
    const fs = realCgroupFs(temp.path());
    temp.write({ 'a/cgroup.events': 'populated 1\nfrozen 0\n' });
    let isEmptied = false;
    const emptied = fs.emptied('a').then(() => (isEmptied = true));
    temp.write({ 'a/cgroup.events': 'populated 1\nfrozen 1\n' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isEmptied).toBe(false);
    temp.write({ 'a/cgroup.events': 'populated 0\nfrozen 1\n' });
    await emptied;
    await fs.emptied('a');
    await fs.emptied('never-made');
  });

  test.each<{ name: string; act: (fs: ReturnType<typeof realCgroupFs>) => void; action: string; reason: string }>([
    { name: 'a cgroup without a parent', act: (fs) => fs.create('no/a'), action: 'create', reason: 'ENOENT' },
    { name: 'a cgroup that is there', act: (fs) => fs.create('full'), action: 'create', reason: 'EEXIST' },
    { name: 'removing one that is not empty', act: (fs) => fs.remove('full'), action: 'remove', reason: 'ENOTEMPTY' },
    { name: 'reading a missing knob', act: (fs) => fs.read('full', 'x'), action: 'read x of', reason: 'ENOENT' },
    {
      name: 'writing below a cgroup that is not there',
      act: (fs) => fs.write('no', 'x', '1'),
      action: 'write "1" to x of',
      reason: 'ENOENT',
    },
  ])('names the cgroup and what was done when the kernel refuses $name', ({ act, action, reason }) => {
    temp.write({ 'full/a/cgroup.procs': '' });
    expect(() => act(realCgroupFs(temp.path()))).toThrow(
      expect.objectContaining({
        code: 'cgroup',
        fields: { action, cgroup: expect.stringMatching(/^\/(no|full)/), reason: expect.stringContaining(reason) },
      }),
    );
  });
});
