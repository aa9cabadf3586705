import { expect, test } from '@jest/globals';
import { validateScenario } from '../../../../src/spec/scenario/validate-scenario';
import type { CgroupDefData } from '../../../../src/spec/scenario/cgroup-def';
import { guestTopology } from './guest-topologies';
import { issuesOf } from './harness-issues';

const TWO_LLCS = guestTopology({ llcs: 2 });

function def(name: string, more: Partial<CgroupDefData> = {}): CgroupDefData {
  return { name, works: [], ...more };
}

test('validateScenario() takes cgroups that can exist together', () => {
  const defs = [def('a', { cpuset: { kind: 'llc', index: 0 } }), def('ab'), def('outer/b')];
  expect(issuesOf(() => validateScenario(defs, { workersPerCgroup: 2, topology: TWO_LLCS }))).toEqual([]);
});

test.each([
  { name: 'a name is taken twice', defs: [def('a'), def('b'), def('a')], option: 'name', value: '"a"' },
  { name: 'a cgroup lies below one with workers', defs: [def('a/b'), def('a')], option: 'name', value: '"a/b"' },
  { name: 'a name leaves its place', defs: [def('../a')], option: 'name', value: '"../a"' },
  {
    name: 'a cpuset is not on the machine',
    defs: [def('a', { cpuset: { kind: 'llc', index: 2 } })],
    option: 'a.cpuset.index',
    value: '2',
  },
  {
    name: 'a worker count is not possible',
    defs: [def('a', { works: [{ workType: 'SpinWait' }, { workType: 'SpinWait', workers: 0 }] })],
    option: 'a.works.1.workers',
    value: '0',
  },
])('validateScenario() throws when $name', ({ defs, option, value }) => {
  const facts = { workersPerCgroup: 2, topology: TWO_LLCS };
  expect(issuesOf(() => validateScenario(defs, facts))).toEqual([expect.objectContaining({ option, value })]);
});

test('validateScenario() judges the default group by workersPerCgroup', () => {
  expect(issuesOf(() => validateScenario([def('a')], { workersPerCgroup: 0 }))).toEqual([
    expect.objectContaining({ option: 'a.works.0.workers', value: '0' }),
  ]);
});

test('validateScenario() judges a cpuset as far as it can when the machine is not known', () => {
  const defs = [
    def('a', { cpuset: { kind: 'llc', index: 99 } }),
    def('b', { cpuset: { kind: 'range', start: 1, end: 1 } }),
  ];
  expect(issuesOf(() => validateScenario(defs))).toEqual([expect.objectContaining({ option: 'b.cpuset.end' })]);
});

test('validateScenario() tells every issue at once', () => {
  const defs = [def('a', { works: [{ workType: 'SpinWait', workers: -1 }] }), def('a')];
  expect(issuesOf(() => validateScenario(defs)).map((issue) => issue.option)).toEqual(['a.works.0.workers', 'name']);
});
