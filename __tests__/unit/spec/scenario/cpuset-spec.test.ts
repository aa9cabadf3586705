import { expect, test } from '@jest/globals';
import { Cpuset, cpusetIssues, cpusetLabel, type CpusetSpec } from '../../../../src/spec/scenario/cpuset-spec';
import { issuesOf } from './harness-issues';

test.each([
  { label: 'Cpuset.llc(0)', spec: Cpuset.llc(0), data: { kind: 'llc', index: 0 } },
  { label: 'Cpuset.numa(1)', spec: Cpuset.numa(1), data: { kind: 'numa', node: 1 } },
  { label: 'Cpuset.range(0, 2)', spec: Cpuset.range(0, 2), data: { kind: 'range', start: 0, end: 2 } },
  { label: 'Cpuset.disjoint(1, 2)', spec: Cpuset.disjoint(1, 2), data: { kind: 'disjoint', index: 1, of: 2 } },
  {
    label: 'Cpuset.overlap(0, 2, 0.5)',
    spec: Cpuset.overlap(0, 2, 0.5),
    data: { kind: 'overlap', index: 0, of: 2, fraction: 0.5 },
  },
  { label: 'Cpuset.exact(3, 1)', spec: Cpuset.exact(3, 1), data: { kind: 'exact', cpus: [3, 1] } },
])('$label builds plain data that cpusetLabel() names', ({ label, spec, data }) => {
  expect(spec).toEqual(data);
  expect(cpusetLabel(spec)).toBe(label);
});

test.each([
  { call: 'llc(-1)', act: () => Cpuset.llc(-1), option: 'index', value: '-1' },
  { call: 'llc(0.5)', act: () => Cpuset.llc(0.5), option: 'index', value: '0.5' },
  { call: 'numa(NaN)', act: () => Cpuset.numa(Number.NaN), option: 'node', value: 'NaN' },
  { call: 'range(-1, 2)', act: () => Cpuset.range(-1, 2), option: 'start', value: '-1' },
  { call: 'range(2, 2)', act: () => Cpuset.range(2, 2), option: 'end', value: '2' },
  { call: 'range(0, Infinity)', act: () => Cpuset.range(0, Infinity), option: 'end', value: 'Infinity' },
  { call: 'disjoint(0, 0)', act: () => Cpuset.disjoint(0, 0), option: 'of', value: '0' },
  { call: 'disjoint(2, 2)', act: () => Cpuset.disjoint(2, 2), option: 'index', value: '2' },
  { call: 'overlap(2, 2, 0)', act: () => Cpuset.overlap(2, 2, 0), option: 'index', value: '2' },
  { call: 'overlap(0, 2, -0.1)', act: () => Cpuset.overlap(0, 2, -0.1), option: 'fraction', value: '-0.1' },
  { call: 'overlap(0, 2, 1.1)', act: () => Cpuset.overlap(0, 2, 1.1), option: 'fraction', value: '1.1' },
  { call: 'overlap(0, 2, NaN)', act: () => Cpuset.overlap(0, 2, Number.NaN), option: 'fraction', value: 'NaN' },
  { call: 'exact()', act: () => Cpuset.exact(), option: 'cpus', value: 'none' },
  { call: 'exact(0, -1)', act: () => Cpuset.exact(0, -1), option: 'cpus', value: '-1' },
])('Cpuset.$call is refused naming $option', ({ act, option, value }) => {
  expect(issuesOf(act)).toEqual([expect.objectContaining({ option, value })]);
});

test.each([0, 1])('Cpuset.overlap() takes a fraction of %p', (fraction) => {
  expect(Cpuset.overlap(0, 2, fraction)).toMatchObject({ fraction });
});

test('cpusetIssues() names the kinds when the kind is unknown', () => {
  const spec = { kind: 'lcl', index: 0 } as unknown as CpusetSpec;
  expect(cpusetIssues(spec)).toEqual([
    expect.objectContaining({ option: 'kind', value: 'lcl', allowed: 'llc, numa, range, disjoint, overlap, exact' }),
  ]);
});
