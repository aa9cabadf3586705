import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import type { OptionIssue } from '../../../../src/errors';
import { NEEDS_MACHINE } from '../../../../src/spec/declare/merge-options';
import type { TestOptions } from '../../../../src/spec/declare/options';
import { resolveOptions } from '../../../../src/spec/declare/resolve';
import { Scheduler } from '../../../../src/spec/scheduler/scheduler';
import type { TestSpec } from '../../../../src/spec/declare/test-spec';

function specOf(options: unknown): TestSpec {
  const resolved = resolveOptions(options);
  if ('issues' in resolved) throw new Error(`refused: ${JSON.stringify(resolved.issues)}`);
  return resolved.spec;
}

function issuesOf(options: unknown): OptionIssue[] {
  const resolved = resolveOptions(options);
  return 'issues' in resolved ? resolved.issues : [];
}

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
  consoleAllow: [],
  includeFiles: [],
  thresholds: {},
  monitor: { periodMs: 10, sustainedSamples: 5 },
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

test.each<{ name: string; options: unknown; issue: OptionIssue }>([
  {
    name: 'a number out of range',
    options: { llcs: 0 },
    issue: { option: 'llcs', value: '0', allowed: 'a whole number from 1 to 252', example: 'llcs: 2' },
  },
  {
    name: 'no number',
    options: { durationMs: Number.NaN },
    issue: {
      option: 'durationMs',
      value: 'NaN',
      allowed: 'a whole number from 1 to 3600000',
      example: 'durationMs: 5000',
    },
  },
  {
    name: 'a field of monitor out of range',
    options: { monitor: { periodMs: 0 } },
    issue: {
      option: 'monitor.periodMs',
      value: '0',
      allowed: 'a whole number from 1 to 1000',
      example: 'monitor: { periodMs: 1 }',
    },
  },
  {
    name: 'a monitor that is no object',
    options: { monitor: true },
    issue: {
      option: 'monitor',
      value: 'true',
      allowed:
        'an object with periodMs, defaults, maxImbalanceRatio, maxLocalDsqDepth, maxWaitMs, failOnStall, maxFallbackRate, maxKeepLastRate, sustainedSamples',
      example: 'monitor: { defaults: true, maxImbalanceRatio: 8 }',
    },
  },
  {
    name: 'a taken kernel argument',
    options: { kernelArgs: ['quiet', 'console=ttyS1'] },
    issue: {
      option: 'kernelArgs.1',
      value: '"console=ttyS1"',
      allowed: 'an argument other than console, rdinit, init, panic, --, which the harness sets itself',
      example: `kernelArgs: ['preempt=full']`,
    },
  },
  {
    name: 'a sysctl name without a dot',
    options: { sysctls: { autogroup: 1 } },
    issue: {
      option: 'sysctls.autogroup',
      value: '"autogroup"',
      allowed: 'dotted names, each with a whole number or a text of one line',
      example: `sysctls: { 'kernel.sched_schedstats': 1 }`,
    },
  },
  {
    name: 'a pattern that matches everything',
    options: { expectFailure: /.*/ },
    issue: {
      option: 'expectFailure',
      value: '/.*/',
      allowed: 'a pattern that does not match the empty text, or it would match every failure',
      example: `expectFailure: 'stuck'`,
    },
  },
  {
    name: 'LLCs that nodes cannot share evenly',
    options: { numaNodes: 2, llcs: 3 },
    issue: { option: 'llcs', value: '3', allowed: 'a multiple of numaNodes, which is 2', example: 'llcs: 4' },
  },
  {
    name: 'too many CPUs',
    options: { llcs: 11, cores: 23 },
    issue: {
      option: 'llcs * cores * threads',
      value: '11 * 23 * 1 = 253 CPUs',
      allowed: 'at most 252 CPUs in all',
      example: 'llcs: 4, cores: 8, threads: 2',
    },
  },
  {
    name: 'a body that cannot hold for its duration',
    options: { durationMs: 1000, timeoutMs: 1000 },
    issue: {
      option: 'timeoutMs',
      value: '1000',
      allowed: 'more than durationMs, which is 1000',
      example: 'timeoutMs: 16000',
    },
  },
  {
    name: 'two files of one name',
    options: { includeFiles: ['a/tool', 'b/tool'] },
    issue: {
      option: 'includeFiles',
      value: '"b/tool"',
      allowed: 'a file name of its own: "a/tool" is /include-files/tool already',
      example: `includeFiles: ['./build/my-tool']`,
    },
  },
  {
    name: 'allowInconclusive with expectFailure',
    options: { expectFailure: 'stuck', allowInconclusive: true },
    issue: {
      option: 'allowInconclusive',
      value: 'true',
      allowed: 'false with expectFailure, which asks for a failure',
      example: 'allowInconclusive: false',
    },
  },
  {
    name: 'no object',
    options: 5,
    issue: { option: 'options', value: '5', allowed: 'an object', example: '{ llcs: 2 }' },
  },
])('resolveOptions() refuses $name', ({ options, issue }) => {
  expect(issuesOf(options)).toEqual([issue]);
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

test('resolveOptions() names the nearest and all options when a key is unknown', () => {
  const [issue, ...more] = issuesOf({ memoryMb: 512 });
  expect(more).toEqual([]);
  expect(issue).toMatchObject({ option: 'memoryMb', value: '512', example: 'memoryMib: 1024' });
  expect(issue?.allowed).toMatch(
    /^the option memoryMib, if that was meant, or another one of numaNodes, llcs, .*maxMigrationRatio, monitor$/,
  );
});

test('resolveOptions() names all options when no key is near', () => {
  const [issue] = issuesOf({ topology: '1n2l' });
  expect(issue).toMatchObject({ option: 'topology', value: '"1n2l"', example: 'llcs: 2' });
  expect(issue?.allowed).toMatch(/^one of numaNodes, /);
});

test('resolveOptions() names the nearest field of monitor when one is unknown', () => {
  const [issue, ...more] = issuesOf({ monitor: { maxImbalanceRation: 4 } });
  expect(more).toEqual([]);
  expect(issue).toMatchObject({
    ...{ option: 'monitor.maxImbalanceRation', value: '4', example: 'monitor: { maxImbalanceRatio: 4 }' },
  });
  expect(issue?.allowed).toMatch(
    /^the option monitor.maxImbalanceRatio, if that was meant, or another one of monitor.periodMs, [^ ]*, .*monitor.sustainedSamples$/,
  );
});

test('resolveOptions() names all fields of monitor when none is near', () => {
  const [issue] = issuesOf({ monitor: { stuck: true } });
  expect(issue).toMatchObject({
    option: 'monitor.stuck',
    example: 'monitor: { defaults: true, maxImbalanceRatio: 8 }',
  });
  expect(issue?.allowed).toMatch(/^one of monitor.periodMs, [^:]*monitor.sustainedSamples$/);
});

test('resolveOptions() gives one issue per option', () => {
  const issues = issuesOf({ llcs: 0, cores: 'x', sed: 1, theads: 2 });
  expect(issues.map((issue) => issue.option)).toEqual(['llcs', 'cores', 'sed', 'theads']);
});

const KNOWN = { pattern: /WARNING in f/i, reason: 'known', link: 'https://bugs.example/1', expires: '2030-01-31' };

test.each([
  ['a pattern', KNOWN.pattern, { pattern: 'WARNING in f', flags: 'i' }],
  ['the source of a pattern', 'WARNING in f', { pattern: 'WARNING in f', flags: '' }],
])('resolveOptions() makes plain data of what is allowed on the console, given %s', (_, pattern, plain) => {
  const spec = specOf({ consoleAllow: [{ ...KNOWN, pattern }] });
  expect(spec.consoleAllow).toEqual([{ ...KNOWN, ...plain }]);
  expect(structuredClone(spec)).toEqual(spec);
});

test.each([
  ['reason', { reason: undefined }],
  ['reason', { reason: ' ' }],
  ['link', { link: undefined }],
  ['link', { link: 'see the tracker' }],
  ['expires', { expires: undefined }],
  ['expires', { expires: '2030-02-30' }],
  ['expires', { expires: 'never' }],
  ['pattern', { pattern: undefined }],
  ['pattern', { pattern: '' }],
  ['pattern', { pattern: '(' }],
  ['pattern', { pattern: /.*/ }],
])('resolveOptions() refuses an entry of consoleAllow whose %s is %j', (field, wrong) => {
  const [issue, ...others] = issuesOf({ consoleAllow: [{ ...KNOWN, ...wrong }] });
  expect(others).toEqual([]);
  expect(issue).toMatchObject({
    option: `consoleAllow.0.${field}`,
    example: expect.stringContaining('consoleAllow: [{'),
  });
});

test('resolveOptions() refuses an entry of consoleAllow with a field too many', () => {
  const [issue] = issuesOf({ consoleAllow: [{ ...KNOWN, until: '2030-01-31' }] });
  expect(issue).toMatchObject({ option: 'consoleAllow.0', allowed: expect.stringContaining('expires') });
});

const GIVEN: Required<Omit<TestOptions, 'hostOnly'>> = {
  numaNodes: 1,
  llcs: 1,
  cores: 1,
  threads: 1,
  memoryMib: 512,
  durationMs: 1,
  workersPerCgroup: 1,
  machine: 'auto',
  seed: 1,
  repeat: 2,
  scheduler: Scheduler.eevdf(),
  stagedSchedulers: [],
  flags: [],
  requiredFlags: [],
  excludedFlags: [],
  schedulerArgs: [],
  schedulerConfig: '',
  kernel: '6.12',
  kernelArgs: [],
  sysctls: {},
  timeoutMs: 100,
  expectFailure: 'stuck',
  allowInconclusive: true,
  consoleAllow: [],
  includeFiles: [],
  after: () => undefined,
  notStuck: true,
  isolation: true,
  maxGapMs: 1,
  maxSpreadPct: 1,
  maxThroughputCv: 1,
  minWorkRate: 1,
  minIterationRate: 1,
  maxMigrationRatio: 1,
  monitor: {},
};

test.each(Object.entries(GIVEN))('resolveOptions() judges whether %s contradicts hostOnly', (name, value) => {
  const refused = issuesOf({ hostOnly: true, [name]: value }).map((issue) => issue.option);
  expect(refused).toEqual(NEEDS_MACHINE[name as keyof TestOptions] ? [name] : []);
});

test('resolveOptions() takes machine options when hostOnly is false', () => {
  expect(specOf({ hostOnly: false, llcs: 2, repeat: 2 }).repeat).toBe(2);
});

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
