import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import { NEEDS_MACHINE } from '../../../../src/spec/declare/merge-options';
import type { TestOptions } from '../../../../src/spec/declare/options';
import { resolveOptions } from '../../../../src/spec/declare/resolve';
import type { TestSpec } from '../../../../src/spec/declare/test-spec';
import { specOf } from './resolved';

const DEFAULTS: TestSpec = {
  topology: { numaNodes: 1, llcs: 1, cores: 2, threads: 1 },
  memoryMib: 512,
  durationMs: 2000,
  workersPerCgroup: 2,
  machine: 'auto',
  seed: 0,
  repeat: 1,
  scheduler: { kind: 'eevdf', name: 'eevdf' },
  stagedSchedulers: [],
  kernelArgs: [],
  sysctls: {},
  timeoutMs: 17_000,
  hostOnly: false,
  allowInconclusive: false,
  verbose: false,
  consoleAllow: [],
  includeFiles: [],
  thresholds: {},
  monitor: { periodMs: 10, sustainedSamples: 5 },
  bpfMapWrite: [],
  watchBpfMaps: [],
};

test.each([{ options: undefined }, { options: {} }, { options: { llcs: undefined, maxGapMs: undefined } }])(
  'resolveOptions() fills in every default when given $options',
  ({ options }) => {
    expect(resolveOptions(options)).toStrictEqual({ spec: DEFAULTS });
  },
);

test.each<{ name: string; options: TestOptions; spec: Partial<TestSpec> }>([
  {
    name: 'the topology',
    options: { numaNodes: 2, llcs: 4, cores: 3, threads: 2 },
    spec: { topology: { numaNodes: 2, llcs: 4, cores: 3, threads: 2 }, memoryMib: 24 * 64 },
  },
  { name: 'the memory as it is given', options: { llcs: 4, cores: 8, memoryMib: 256 }, spec: { memoryMib: 256 } },
  { name: 'the time budget after the duration', options: { durationMs: 5000 }, spec: { timeoutMs: 20_000 } },
  {
    name: 'sysctls as text',
    options: { sysctls: { 'a.b': 0, 'a.c': '1 2' } },
    spec: { sysctls: { 'a.b': '0', 'a.c': '1 2' } },
  },
  { name: 'a file once', options: { includeFiles: ['a/x', 'a/x', 'y'] }, spec: { includeFiles: ['a/x', 'y'] } },
  {
    name: 'an expected kind',
    options: { expectFailure: 'guest-panic' },
    spec: { expectFailure: { kind: 'guest-panic' } },
  },
  {
    name: 'an expected pattern',
    options: { expectFailure: /gap of \d+/i },
    spec: { expectFailure: { pattern: 'gap of \\d+', flags: 'i' } },
  },
  {
    name: 'the thresholds that are set',
    options: { notStuck: false, maxGapMs: 5, maxSpreadPct: false },
    spec: { thresholds: { notStuck: false, maxGapMs: 5, maxSpreadPct: false } },
  },
  {
    name: 'what of the monitor is set',
    options: {
      monitor: { maxImbalanceRatio: 8, maxFallbackRate: false, failOnStall: undefined, sustainedSamples: 20 },
    },
    spec: { monitor: { periodMs: 10, maxImbalanceRatio: 8, maxFallbackRate: false, sustainedSamples: 20 } },
  },
  { name: 'a kernel', options: { kernel: '6.12' }, spec: { kernel: '6.12' } },
])('resolveOptions() gives $name', ({ options, spec }) => {
  const resolved = specOf(options);
  expect(resolved).toMatchObject(spec);
  expect(JSON.parse(JSON.stringify(resolved))).toEqual(resolved);
});

test('resolveOptions() gives the after hook beside the spec', () => {
  const after = (): void => undefined;
  expect(resolveOptions({ after })).toStrictEqual({ spec: DEFAULTS, after });
});

test('resolveOptions() takes values of another realm', () => {
  const options: unknown = runInNewContext(
    `({ llcs: 2, expectFailure: /x/i, kernelArgs: ['quiet'], sysctls: { 'a.b': 1 }, after: async () => {} })`,
  );
  expect(specOf(options)).toMatchObject({
    topology: { llcs: 2 },
    expectFailure: { pattern: 'x', flags: 'i' },
    kernelArgs: ['quiet'],
    sysctls: { 'a.b': '1' },
  });
});

test.each([
  { options: { llcs: 14, cores: 18 }, cpus: 252 },
  { options: { numaNodes: 2, llcs: 4 }, cpus: 8 },
])('resolveOptions() takes a machine of $cpus CPUs', ({ options, cpus }) => {
  const { llcs, cores, threads } = specOf(options).topology;
  expect(llcs * cores * threads).toBe(cpus);
});

test.each([{ options: { timeoutMs: 1000 } }, { options: { durationMs: 1000, timeoutMs: 1001 } }])(
  'resolveOptions() takes a time budget when it does not contradict a given duration: $options',
  ({ options }) => {
    expect(specOf(options).timeoutMs).toBe(options.timeoutMs);
  },
);

test('resolveOptions() never throws', () => {
  const anything = fc.anything({
    withNullPrototype: true,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
  });
  const options = fc.dictionary(
    fc.constantFrom(...Object.keys(NEEDS_MACHINE), 'llc', '__proto__', 'toString'),
    anything,
  );
  fc.assert(
    fc.property(fc.oneof(anything, options), (value) => {
      const resolved = resolveOptions(value);
      expect('spec' in resolved || resolved.issues.length > 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});
