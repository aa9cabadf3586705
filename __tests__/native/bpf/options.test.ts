import { spawnSync } from 'node:child_process';

import { beforeAll, expect, test } from '@jest/globals';

import { builtProgram } from '../programs';

let sample: string;

beforeAll(() => {
  sample = builtProgram('host/scx_options_sample');
});

const DEFAULTS = {
  ...{ stallAfterNs: null, crashAfterNs: null, exitAfterNs: null, killAfterNs: null, degradeAfterNs: null },
  ...{ exitCode: null, timeoutMs: 5000, slowUs: 0, flags: [0, 0, 0, 0, 0, 0] },
};

test.each([
  { args: [], gives: {} },
  { args: ['--stall-after', '0'], gives: { stallAfterNs: 0 } },
  { args: ['--crash-after=1.5'], gives: { crashAfterNs: 1_500_000_000 } },
  { args: ['--exit-after', '0.000000001'], gives: { exitAfterNs: 1 } },
  { args: ['--kill-after', '86399.999999999'], gives: { killAfterNs: 86_399_999_999_999 } },
  { args: ['--degrade-after', '2', '--degrade-after', '3'], gives: { degradeAfterNs: 3_000_000_000 } },
  { args: ['--exit-code', '255', '--slow', '5000'], gives: { exitCode: 255, slowUs: 5000 } },
  { args: ['--timeout-ms', '1'], gives: { timeoutMs: 1 } },
  { args: ['--timeout-ms=30000'], gives: { timeoutMs: 30_000 } },
  { args: ['--scatter', '--no-attach', '--partial'], gives: { flags: [1, 0, 0, 1, 0, 1] } },
  { args: ['--fail-verify', '--verify-loop', '--ignore-sigterm'], gives: { flags: [0, 1, 1, 0, 1, 0] } },
])('scx_ktstr reads $args', ({ args, gives }) => {
  const { status, stdout } = spawnSync(sample, args, { encoding: 'utf8' });

  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ ...DEFAULTS, ...gives });
});

test.each([
  { name: 'an unknown option', args: ['--wat'], names: '"--wat": unknown option' },
  { name: 'the beginning of an option', args: ['--stall', '1'], names: '"--stall": unknown option' },
  { name: 'a bare argument', args: ['stall'], names: '"stall": unknown option' },
  { name: 'two dashes alone', args: ['--'], names: '"--": unknown option' },
  { name: 'an empty argument', args: [''], names: '"": unknown option' },
  { name: 'a flag with a value', args: ['--scatter=1'], names: 'takes no value' },
  { name: 'an option without its value', args: ['--slow'], names: '"slow": needs a value' },
  { name: 'an empty value', args: ['--slow='], names: 'not a whole number' },
  { name: 'a sign', args: ['--stall-after', '-1'], names: 'not a number of seconds' },
  { name: 'an exponent', args: ['--stall-after', '1e3'], names: 'not a number of seconds' },
  { name: 'a point without decimals', args: ['--stall-after', '1.'], names: 'not a number of seconds' },
  { name: 'more than nine decimals', args: ['--stall-after', '1.0000000001'], names: 'not a number of seconds' },
  { name: 'a whole day', args: ['--stall-after', '86400'], names: 'not a number of seconds' },
  { name: 'a number with a unit', args: ['--slow', '1ms'], names: 'not a whole number' },
  { name: 'too long a dispatch', args: ['--slow', '5001'], names: 'out of bounds' },
  { name: 'too large an exit code', args: ['--exit-code', '256'], names: 'out of bounds' },
  { name: 'no timeout', args: ['--timeout-ms', '0'], names: 'out of bounds' },
  { name: 'too long a timeout', args: ['--timeout-ms', '30001'], names: 'out of bounds' },
  { name: 'a number that does not fit', args: ['--slow', '18446744073709551616'], names: 'out of bounds' },
])('scx_ktstr refuses $name with status 2 and its usage on stderr', ({ args, names }) => {
  const { status, stdout, stderr } = spawnSync(sample, args, { encoding: 'utf8' });

  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.split('\n')[0]).toContain(names);
  expect(stderr).toContain('usage: scx_ktstr');
});

test('scx_ktstr prints its options with --help and its version with --version', () => {
  const help = spawnSync(sample, ['--help'], { encoding: 'utf8' });
  const version = spawnSync(sample, ['--version'], { encoding: 'utf8' });

  expect(help).toMatchObject({ status: 0, stderr: '' });
  expect(help.stdout).toMatch(/^ {2}--stall-after S {5}stop running user tasks/m);
  expect(version).toMatchObject({ status: 0, stderr: '' });
  expect(version.stdout).toMatch(/^scx_ktstr \d+\.\d+\.\d+\n$/);
});
