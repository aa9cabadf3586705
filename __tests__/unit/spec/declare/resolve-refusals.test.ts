import { expect, test } from '@jest/globals';
import type { OptionIssue } from '../../../../src/errors';
import { issuesOf } from './resolved';

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
    name: 'a write to no place',
    options: { bpfMapWrite: [{ map: '.bss', value: 1 }] },
    issue: {
      option: 'bpfMapWrite',
      value: '[{"map":".bss","value":1}]',
      allowed:
        'one or a list of { variable, value }, { map, field, value } and { map, offset, value }, the latter with bytes, which is 1, 2, 4 or 8',
      example: "bpfMapWrite: { variable: 'stall', value: 1 }",
    },
  },
  {
    name: 'a monitor that is no object',
    options: { monitor: true },
    issue: {
      option: 'monitor',
      value: 'true',
      allowed:
        'an object with periodMs, defaults, maxImbalanceRatio, maxLocalDsqDepth, maxWaitMs, failOnStall, maxFallbackRate, maxKeepLastRate, sustainedSamples, pauseAt',
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

test('resolveOptions() names the nearest and all options when a key is unknown', () => {
  const [issue, ...more] = issuesOf({ memoryMb: 512 });
  expect(more).toEqual([]);
  expect(issue).toMatchObject({ option: 'memoryMb', value: '512', example: 'memoryMib: 1024' });
  expect(issue?.allowed).toMatch(
    /^the option memoryMib, if that was meant, or another one of numaNodes, llcs, .*maxMigrationRatio, monitor, bpfMapWrite, watchBpfMaps$/,
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
    /^the option monitor.maxImbalanceRatio, if that was meant, or another one of monitor.periodMs, [^ ]*, .*monitor.pauseAt$/,
  );
});

test('resolveOptions() names all fields of monitor when none is near', () => {
  const [issue] = issuesOf({ monitor: { stuck: true } });
  expect(issue).toMatchObject({
    option: 'monitor.stuck',
    example: 'monitor: { defaults: true, maxImbalanceRatio: 8 }',
  });
  expect(issue?.allowed).toMatch(/^one of monitor.periodMs, [^:]*monitor.pauseAt$/);
});

test('resolveOptions() gives one issue per option', () => {
  const issues = issuesOf({ llcs: 0, cores: 'x', sed: 1, theads: 2 });
  expect(issues.map((issue) => issue.option)).toEqual(['llcs', 'cores', 'sed', 'theads']);
});

test('resolveOptions() takes a pause on the deterministic machine only', () => {
  const monitor = { pauseAt: { guestMs: 100, look: () => undefined } };
  expect(issuesOf({ machine: 'deterministic', monitor })).toEqual([]);
  expect(issuesOf({ machine: 'emulated', monitor })).toMatchObject([{ option: 'machine', value: '"emulated"' }]);
  expect(issuesOf({ monitor })).toMatchObject([{ option: 'machine', example: "machine: 'deterministic'" }]);
});
