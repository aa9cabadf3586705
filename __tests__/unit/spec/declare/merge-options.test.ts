import { expect, test } from '@jest/globals';
import { mergeOptions, NEEDS_MACHINE } from '../../../../src/spec/declare/merge-options';
import { testOptionsSchema, type TestOptions } from '../../../../src/spec/declare/options';

test.each<{ name: string; layers: (TestOptions | undefined)[]; merged: TestOptions }>([
  { name: 'nothing', layers: [], merged: {} },
  { name: 'a missing layer', layers: [undefined, { llcs: 2 }, undefined], merged: { llcs: 2 } },
  { name: 'the later one over the earlier', layers: [{ llcs: 2, seed: 1 }, { llcs: 4 }], merged: { llcs: 4, seed: 1 } },
  { name: 'undefined as inherit', layers: [{ llcs: 2 }, { llcs: undefined }], merged: { llcs: 2 } },
  { name: 'false over true', layers: [{ notStuck: true }, { notStuck: false }], merged: { notStuck: false } },
  {
    name: 'sysctls by name',
    layers: [{ sysctls: { 'a.b': 1, 'a.c': 2 } }, {}, { sysctls: { 'a.c': 3 } }],
    merged: { sysctls: { 'a.b': 1, 'a.c': 3 } },
  },
  {
    name: 'monitor by name',
    layers: [
      { monitor: { maxImbalanceRatio: 4, failOnStall: true } },
      {},
      { monitor: { maxImbalanceRatio: false, failOnStall: undefined, periodMs: 1 } },
    ],
    merged: { monitor: { maxImbalanceRatio: false, failOnStall: true, periodMs: 1 } },
  },
  {
    name: 'kernelArgs in order',
    layers: [{ kernelArgs: ['a', 'b'] }, { kernelArgs: ['c'] }],
    merged: { kernelArgs: ['a', 'b', 'c'] },
  },
  {
    name: 'includeFiles in order',
    layers: [{ includeFiles: ['a'] }, {}, { includeFiles: ['b', 'a'] }],
    merged: { includeFiles: ['a', 'b', 'a'] },
  },
  {
    name: 'hostOnly without the machine options below it',
    layers: [{ llcs: 4, isolation: true, durationMs: 100 }, { hostOnly: true }],
    merged: { durationMs: 100, hostOnly: true },
  },
  {
    name: 'machine options beside hostOnly, for resolving to refuse',
    layers: [{}, { hostOnly: true, llcs: 2 }],
    merged: { hostOnly: true, llcs: 2 },
  },
])('mergeOptions() merges $name', ({ layers, merged }) => {
  expect(mergeOptions(...layers)).toStrictEqual(merged);
});

test('mergeOptions() leaves the layers as they were', () => {
  const base: TestOptions = { kernelArgs: ['a'], sysctls: { 'a.b': 1 } };
  mergeOptions(base, { kernelArgs: ['b'], sysctls: { 'a.c': 2 } });
  expect(base).toEqual({ kernelArgs: ['a'], sysctls: { 'a.b': 1 } });
});

test.each([
  { name: 'a layer that is no object', layers: [{ llcs: 2 }, 5], merged: 5 },
  { name: 'a layer that is null', layers: [null, { llcs: 2 }], merged: null },
  {
    name: 'a list that is none, below',
    layers: [{ kernelArgs: 'a' }, { kernelArgs: ['b'] }],
    merged: { kernelArgs: 'a' },
  },
  {
    name: 'a list that is none, above',
    layers: [{ kernelArgs: ['a'] }, { kernelArgs: null }],
    merged: { kernelArgs: null },
  },
  { name: 'sysctls that are none', layers: [{ sysctls: 3 }, { sysctls: { 'a.b': 1 } }], merged: { sysctls: 3 } },
  {
    name: 'a monitor that is none',
    layers: [{ monitor: { periodMs: 1 } }, { monitor: true }],
    merged: { monitor: true },
  },
  { name: 'an unknown option', layers: [{ llc: 2 }, { hostOnly: true }], merged: { llc: 2, hostOnly: true } },
])('mergeOptions() passes on $name, for resolving to refuse', ({ layers, merged }) => {
  expect(mergeOptions(...(layers as TestOptions[]))).toStrictEqual(merged);
});

test('NEEDS_MACHINE speaks of every option of the schema and of no other', () => {
  expect(Object.keys(NEEDS_MACHINE).sort()).toEqual(Object.keys(testOptionsSchema.shape).sort());
});
