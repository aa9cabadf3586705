import { describe, expect, test } from '@jest/globals';
import { kernelCommandLine, tscArgument } from '../../../environment/kernel-command-line';
import { specOf } from './finished-runs';

const words = (line: string): string[] => line.split(' ');

describe('kernelCommandLine()', () => {
  test('puts the sysctls and then the arguments of the author behind its own', () => {
    const spec = specOf({ sysctls: { 'kernel.sched_rt_runtime_us': -1 }, kernelArgs: ['loglevel=7', 'quiet'] });
    const line = words(kernelCommandLine(spec, 'emulated'));
    expect(line.slice(-3)).toEqual(['sysctl.kernel.sched_rt_runtime_us=-1', 'loglevel=7', 'quiet']);
    expect(line.slice(0, -3)).toEqual(words(kernelCommandLine(specOf(), 'emulated')));
  });

  test('quotes a value with blanks, as the kernel takes it', () => {
    const line = kernelCommandLine(specOf({ sysctls: { 'kernel.printk': '4 4 1 7' } }), 'emulated');
    expect(line).toMatch(/ sysctl\.kernel\.printk="4 4 1 7"$/);
  });

  test('keeps addresses from varying where runs are to be identical, and only there', () => {
    const emulated = words(kernelCommandLine(specOf(), 'emulated'));
    const deterministic = words(kernelCommandLine(specOf(), 'deterministic'));
    expect(deterministic.filter((word) => !emulated.includes(word))).toEqual(['nokaslr', 'norandmaps']);
  });

  test('has a panic end the machine at once, which is waited for', () => {
    expect(words(kernelCommandLine(specOf(), 'emulated'))).toEqual(expect.arrayContaining(['panic=5', 'reboot=t']));
  });
});

test('tscArgument() is in kHz', () => {
  expect(tscArgument(2_100_000)).toBe('tsc_early_khz=2100000');
});
