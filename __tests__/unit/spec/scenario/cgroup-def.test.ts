import { expect, test } from '@jest/globals';
import { CgroupDef } from '../../../../src/spec/scenario/cgroup-def';
import { Cpuset } from '../../../../src/spec/scenario/cpuset-spec';
import type { WorkTypeName } from '../../../../src/spec/workload/work-spec';
import { issuesOf } from './harness-issues';

test('CgroupDef.named() gives a cgroup without cpuset and with the default group', () => {
  expect(CgroupDef.named('cg_0').toData()).toEqual({ name: 'cg_0', works: [] });
});

test('CgroupDef.toData() holds the cpuset, the own group and the added groups in order', () => {
  const def = CgroupDef.named('cg_0')
    .workers(4)
    .cpuset(Cpuset.llc(0))
    .work({ workType: 'SpinWait', workers: 2 })
    .work({ workType: 'SpinWait' });
  expect(def.toData()).toEqual({
    name: 'cg_0',
    cpuset: { kind: 'llc', index: 0 },
    works: [{ workType: 'SpinWait', workers: 4 }, { workType: 'SpinWait', workers: 2 }, { workType: 'SpinWait' }],
  });
});

test('CgroupDef.workers() and cpuset() keep their last value', () => {
  const def = CgroupDef.named('a').workers(4).workers(1).cpuset(Cpuset.llc(0)).cpuset(Cpuset.numa(0));
  expect(def.toData()).toEqual({
    name: 'a',
    cpuset: { kind: 'numa', node: 0 },
    works: [{ workType: 'SpinWait', workers: 1 }],
  });
});

test('CgroupDef leaves the earlier definition as it was when it is built on', () => {
  const base = CgroupDef.named('a').workers(1);
  base.workers(2).cpuset(Cpuset.llc(0)).work({ workType: 'SpinWait' });
  expect(base.toData()).toEqual({ name: 'a', works: [{ workType: 'SpinWait', workers: 1 }] });
});

test('CgroupDef.toData() gives data that can be changed without changing the definition', () => {
  const def = CgroupDef.named('a').work({ workType: 'SpinWait', workers: 1 });
  def.toData().works.forEach((work) => (work.workers = 9));
  expect(def.toData().works).toEqual([{ workType: 'SpinWait', workers: 1 }]);
});

test.each(['a', 'a/b', 'cg-0.slice', 'a..b', 'x'.repeat(255)])('CgroupDef.named() takes the name %j', (name) => {
  expect(CgroupDef.named(name).toData().name).toBe(name);
});

test.each(['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a b', 'a\nb', 'x'.repeat(256)])(
  'CgroupDef.named() refuses the name %j',
  (name) => {
    expect(issuesOf(() => CgroupDef.named(name))).toEqual([
      expect.objectContaining({ option: 'name', value: JSON.stringify(name) }),
    ]);
  },
);

test.each([1, 4096])('CgroupDef.workers() takes %p', (count) => {
  expect(CgroupDef.named('a').workers(count).toData().works).toEqual([{ workType: 'SpinWait', workers: count }]);
});

test.each([0, -1, 1.5, 4097, Number.NaN])('CgroupDef.workers() refuses %p', (count) => {
  expect(issuesOf(() => CgroupDef.named('a').workers(count))).toEqual([
    expect.objectContaining({ option: 'workers', value: String(count) }),
  ]);
});

test('CgroupDef.work() refuses an unknown work type', () => {
  const work = { workType: 'SpinWiat' as WorkTypeName };
  expect(issuesOf(() => CgroupDef.named('a').work(work))).toEqual([
    expect.objectContaining({ option: 'workType', value: 'SpinWiat', allowed: 'SpinWait' }),
  ]);
});
