import { describe, expect, jest, test } from '@jest/globals';

import { kernelLines } from '../../src/verdict/console/kernel-lines';
import type { TestOptions } from '../../src/spec/declare/options';
import { MACHINE_TIMEOUT_MS, runBody } from './inline-test';

jest.setTimeout(MACHINE_TIMEOUT_MS);

/** A line as the kernel prints it for WARN(). */
const WARNS = `fs.writeFileSync('/dev/kmsg', '<4>WARNING: CPU: 0 PID: 1 at kernel/x.c:7 f+0x1c/0x90');`;
const KNOWN = { reason: 'known', link: 'https://bugs.example/1' };

describe('the console of a run', () => {
  test.concurrent.each<{ name: string; options: TestOptions }>([
    { name: 'on one LLC', options: { cores: 2 } },
    { name: 'on two NUMA nodes', options: { numaNodes: 2, llcs: 2, cores: 1 } },
    { name: 'in virtual time', options: { machine: 'deterministic', llcs: 2, cores: 1 } },
  ])('has no splat $name, however much the kernel prints', async ({ options }) => {
    const { result } = await runBody('', { ...options, kernelArgs: ['loglevel=8'] });

    expect({ failure: result.failure, splats: result.splats }).toEqual({ failure: null, splats: [] });
    expect(kernelLines(result.console).length).toBeGreaterThan(100);
    expect(kernelLines(result.console).filter(({ atS }) => atS === null)).toEqual([]);
  });

  test('fails a run for a line of the kernel, and not for one of a program', async () => {
    const body = `fs.writeFileSync('/dev/console', 'BUG: mine\\n'); ${WARNS}`;
    const { result, text } = await runBody(body);

    expect(result.splats.map(({ title }) => title)).toEqual(['WARNING in f']);
    expect(result).toMatchObject({ failure: 'kernel-splat', outcome: 'fail' });
    expect(text).toMatch(/complained on its console[^]*warning: WARNING in f, line \d+\n/);
  });

  test('keeps another failure, and adds what the kernel said to its text', async () => {
    const { result, text } = await runBody(`${WARNS} throw new RangeError('mine');`);

    expect(result.failure).toBe('test-failed');
    expect(text).toMatch(/^RangeError: mine\nconsole: warning: WARNING in f, line \d+\n\s+at /);
  });

  test.each([
    ['allows', '2999-12-31', null],
    ['no longer allows', '2020-01-31', 'kernel-splat'],
  ])('passes by an entry of consoleAllow as long as that %s it', async (_, expires, failure) => {
    const { result, text } = await runBody(WARNS, { consoleAllow: [{ ...KNOWN, pattern: /WARNING in f/, expires }] });

    expect(result.failure).toBe(failure);
    expect(text.includes(`expired on ${expires}: known`)).toBe(failure !== null);
  });
});

/** The kernel that is built has the kernel's own means to break it: drivers/misc/lkdtm. */
const PROVOKE = '/sys/kernel/debug/provoke-crash/DIRECT';

test.concurrent('a kernel warning is a splat, once for all lines of its trace', async () => {
  const { result, text } = await runBody(`fs.writeFileSync('${PROVOKE}', 'WARNING'); return pass();`);
  expect(result.failure).toBe('kernel-splat');
  expect(result.splats).toMatchObject([{ kind: 'warning', title: 'WARNING in lkdtm_WARNING' }]);
  expect(text).toContain('lkdtm');
});
