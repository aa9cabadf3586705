import { expect, test } from '@jest/globals';
import { optionHelp } from '../../../../src/spec/declare/option-schema';
import {
  DERIVED_DEFAULTS,
  OPTION_SCHEMAS,
  testOptionsSchema,
  thresholdFields,
  type TestOptions,
} from '../../../../src/spec/declare/options';
import { DEFAULT_MAX_GAP_MS } from '../../../../src/verdict/checks/gap';
import { DEFAULT_MAX_SPREAD_PCT } from '../../../../src/verdict/checks/spread';
import { monitorFields, type MonitorOptions } from '../../../../src/spec/declare/monitor-options';
import { DEFAULT_PERIOD_MS, MONITOR_DEFAULTS } from '../../../../src/verdict/monitor/monitor-thresholds';
import { Scheduler } from '../../../../src/spec/scheduler/scheduler';
import { FAILURE_KINDS } from '../../../../src/verdict/failure-kind';
import type { Thresholds } from '../../../../src/verdict/thresholds';

type Name = keyof TestOptions;
const NAMES = Object.keys(testOptionsSchema.shape) as Name[];

function isTaken(name: Name, value: unknown): boolean {
  return testOptionsSchema.safeParse({ [name]: value }).success;
}

test.each(Object.entries(OPTION_SCHEMAS))(
  'OPTION_SCHEMAS describe %s with what is allowed and its default',
  (_, schema) => {
    const help = optionHelp.get(schema);
    expect(help?.example).toEqual(expect.stringMatching(/./));
    expect(schema.description).toEqual(expect.stringContaining(`: ${help?.allowed}; default `));
  },
);

/** What the examples that are code come to. */
const EVAL_FREE_EXAMPLES: Partial<Record<Name, unknown>> = {
  after: () => undefined,
  scheduler: Scheduler.binary({ name: 'scx_mine', path: 'build/scx_mine' }),
  stagedSchedulers: [Scheduler.binary({ name: 'scx_other', path: 'build/scx_other' })],
  schedulerConfig: '{ "slice": 5 }',
  monitor: { defaults: true, maxImbalanceRatio: 8 },
  bpfMapWrite: { variable: 'stall', value: 1 },
  watchBpfMaps: [{ variable: 'nr_dispatched', as: 'counter', label: 'dispatched' }],
  consoleAllow: [
    {
      pattern: /WARNING in foo_bar/,
      reason: 'fixed in 6.13',
      link: 'https://bugs.example/1',
      expires: '2030-01-31',
    },
  ],
};

test.each(NAMES)('testOptionsSchema takes the example that it gives for %s', (name) => {
  const text = (optionHelp.get(testOptionsSchema.shape[name])?.example ?? '').replaceAll(`'`, `"`);
  const example: unknown = EVAL_FREE_EXAMPLES[name] ?? JSON.parse(text);
  expect(isTaken(name, example)).toBe(true);
});

test.each<{ name: Name; min: number; max: number }>([
  { name: 'numaNodes', min: 1, max: 64 },
  { name: 'llcs', min: 1, max: 252 },
  { name: 'cores', min: 1, max: 252 },
  { name: 'threads', min: 1, max: 8 },
  { name: 'memoryMib', min: 256, max: 65536 },
  { name: 'durationMs', min: 1, max: 3_600_000 },
  { name: 'workersPerCgroup', min: 1, max: 4096 },
  { name: 'seed', min: 0, max: 4_294_967_295 },
  { name: 'repeat', min: 1, max: 1000 },
  { name: 'timeoutMs', min: 1, max: 86_400_000 },
])('testOptionsSchema takes $name from $min to $max, whole numbers only', ({ name, min, max }) => {
  const values = [min - 1, min, max, max + 1, min + 0.5, Number.NaN, String(min), null];
  expect(values.map((value) => isTaken(name, value))).toEqual([false, true, true, false, false, false, false, false]);
});

test.each<{ name: keyof Thresholds; refused: number[]; taken: number[] }>([
  { name: 'maxGapMs', refused: [-1, 0, Infinity], taken: [0.1, 5000] },
  { name: 'maxSpreadPct', refused: [-0.1, 100.1, Number.NaN], taken: [0, 100] },
  { name: 'maxThroughputCv', refused: [-0.1, Infinity], taken: [0, 3] },
  { name: 'minWorkRate', refused: [-1, 0, Infinity], taken: [0.1, 1e9] },
  { name: 'minIterationRate', refused: [-1, 0, Infinity], taken: [0.1, 1e9] },
  { name: 'maxMigrationRatio', refused: [-0.1, Infinity], taken: [0, 10] },
])('testOptionsSchema takes $taken or false for $name, and not $refused or true', ({ name, refused, taken }) => {
  expect(taken.filter((value) => !isTaken(name, value))).toEqual([]);
  expect(refused.filter((value) => isTaken(name, value))).toEqual([]);
  expect(isTaken(name, false)).toBe(true);
  expect(isTaken(name, true)).toBe(false);
});

test.each<{ name: Name; taken: unknown[]; refused: unknown[] }>([
  { name: 'machine', taken: ['auto', 'kvm', 'emulated', 'deterministic'], refused: ['qemu', ''] },
  { name: 'kernel', taken: ['6.12', './bzImage'], refused: ['', ' ', 6.12] },
  {
    name: 'kernelArgs',
    taken: [[], ['quiet', 'a.b=c,d', 'consoleblank=0', 'init_on_alloc=1']],
    refused: ['quiet', [''], ['a b'], ['a\tb'], ['a="b'], ['é'], [1]],
  },
  {
    name: 'kernelArgs',
    taken: [],
    refused: [['console=ttyS0'], ['quiet', 'rdinit=/x'], ['init=/x'], ['panic=1'], ['panic'], ['--']],
  },
  {
    name: 'sysctls',
    taken: [{}, { 'kernel.a': 1, 'net.ipv4.b_c': -1, 'vm.d': '1 2' }],
    refused: [
      { kernel: 1 },
      { 'a/b': 1 },
      { 'a..b': 1 },
      { 'a.b': 1.5 },
      { 'a.b': '' },
      { 'a.b': '1\n2' },
      { 'a.b': true },
    ],
  },
  { name: 'includeFiles', taken: [[], ['/a b/c']], refused: [[''], ['a\0b'], 'a'] },
  { name: 'after', taken: [() => undefined, async () => undefined], refused: ['f', {}] },
  { name: 'hostOnly', taken: [true, false], refused: [0, 'true'] },
  { name: 'allowInconclusive', taken: [true, false], refused: [1] },
  { name: 'verbose', taken: [true, false], refused: [1] },
  { name: 'isolation', taken: [true, false], refused: [1] },
  {
    name: 'expectFailure',
    taken: ['stuck', 'worker-died', ...FAILURE_KINDS, /gap/, /^x$/gi],
    refused: ['skip', 'stalled', '', true, /(?:)/, /.*/, /x?/, { source: 'x', flags: '' }],
  },
])('testOptionsSchema takes and refuses values of $name', ({ name, taken, refused }) => {
  expect(taken.filter((value) => !isTaken(name, value))).toEqual([]);
  expect(refused.filter((value) => isTaken(name, value))).toEqual([]);
});

test.each(Object.entries(monitorFields))(
  'testOptionsSchema takes the example that it gives for monitor.%s',
  (name, schema) => {
    const text = optionHelp.get(schema)?.example ?? '';
    // That one has a function, which is not evaluated here.
    const example: unknown = name === 'pauseAt' ? { guestMs: 1500, look: () => undefined } : JSON.parse(text);
    expect(isTaken('monitor', { [name]: example })).toBe(true);
  },
);

test.each<{ name: keyof MonitorOptions; taken: unknown[]; refused: unknown[] }>([
  { name: 'periodMs', taken: [1, 1000, undefined], refused: [0, 1001, 1.5, false, null] },
  { name: 'sustainedSamples', taken: [1, 100_000], refused: [0, 100_001, 1.5, false] },
  { name: 'defaults', taken: [true, false], refused: [1, 'true'] },
  { name: 'failOnStall', taken: [true, false], refused: [1] },
  { name: 'maxImbalanceRatio', taken: [1, 1.5, 100, false], refused: [0.9, Infinity, true] },
  { name: 'maxLocalDsqDepth', taken: [0, 1, 10_000, false], refused: [-1, 0.5, 10_001, true] },
  {
    name: 'pauseAt',
    taken: [{ guestMs: 0.5, look: () => undefined }, undefined],
    refused: [{ guestMs: 0, look: () => undefined }, { guestMs: 5 }, { look: () => undefined }, 5, null],
  },
  { name: 'maxWaitMs', taken: [0.5, 1, 1e6, false], refused: [0, -1, Infinity, true] },
  { name: 'maxFallbackRate', taken: [0, 0.5, 1e6, false], refused: [-0.1, Infinity, true] },
  { name: 'maxKeepLastRate', taken: [0, 0.5, 1e6, false], refused: [-0.1, Infinity, true] },
])('testOptionsSchema takes $taken for monitor.$name, and not $refused', ({ name, taken, refused }) => {
  expect(taken.filter((value) => !isTaken('monitor', { [name]: value }))).toEqual([]);
  expect(refused.filter((value) => isTaken('monitor', { [name]: value }))).toEqual([]);
});

test('testOptionsSchema takes no other monitor than an object of its fields', () => {
  expect([{}, undefined].filter((value) => !isTaken('monitor', value))).toEqual([]);
  expect([true, false, null, [], { maxImbalance: 4 }].filter((value) => isTaken('monitor', value))).toEqual([]);
});

test('monitorFields name the values that defaults switches on', () => {
  const { failOnStall, sustainedSamples, ...limits } = MONITOR_DEFAULTS;
  const named = Object.entries(limits).map(([name, value]) => `${name} ${value}`);
  expect(monitorFields.defaults.description).toContain(
    `failOnStall and the thresholds that are not set, at ${named.join(', ')}:`,
  );
  expect(testOptionsSchema.parse({}).monitor).toEqual({ periodMs: DEFAULT_PERIOD_MS, sustainedSamples });
  expect(failOnStall).toBe(true);
});

test('testOptionsSchema names the defaults that notStuck switches on', () => {
  const description = thresholdFields.notStuck.description;
  expect(description).toContain(`maxGapMs at ${DEFAULT_MAX_GAP_MS} and maxSpreadPct at ${DEFAULT_MAX_SPREAD_PCT}`);
});

test.each([
  { cpus: 1, memoryMib: 512 },
  { cpus: 8, memoryMib: 512 },
  { cpus: 9, memoryMib: 576 },
  { cpus: 252, memoryMib: 16128 },
])('DERIVED_DEFAULTS.memoryMib() gives $memoryMib MiB for $cpus CPUs', ({ cpus, memoryMib }) => {
  expect(DERIVED_DEFAULTS.memoryMib(cpus)).toBe(memoryMib);
});

test('TestOptions is the type of the schema', () => {
  const options: TestOptions = {
    machine: 'kvm',
    expectFailure: /x/,
    maxGapMs: false,
    sysctls: { 'a.b': 1 },
    llcs: undefined,
  };
  // @ts-expect-error a machine that does not exist
  const machine: TestOptions = { machine: 'vmware' };
  // @ts-expect-error an option that does not exist
  const unknown: TestOptions = { llc: 1 };
  // @ts-expect-error a kind that cannot be expected
  const kind: TestOptions = { expectFailure: 'skip' };
  expect([options, machine, unknown, kind].map((value) => testOptionsSchema.safeParse(value).success)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
