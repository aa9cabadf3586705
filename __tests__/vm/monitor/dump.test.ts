import { expect, jest, test } from '@jest/globals';

import { MACHINE_TIMEOUT_MS, planBody, runBody, runPlanned } from '../inline-test';
import { storedKey } from '../stored-kernel';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const ROWS = [
  { name: 'the built kernel, by frame pointers', kernel: storedKey(true) },
  { name: "Debian's cloud kernel, by ORC", kernel: storedKey(false) },
];

function functionsOf(stack: readonly string[]): string[] {
  return stack.map((frame) => frame.replace(/\+.*/, ''));
}

test.each(ROWS)('a panic is told with the stack that led to it, seen from outside: $name', async ({ kernel }) => {
  const { result, text } = await runBody(`fs.writeFileSync('/proc/sysrq-trigger', 'c');`, { kernel, cores: 2 });
  const { sched, unavailable, kernelRelease } = result.dump ?? {};
  expect(result.failure).toBe('guest-panic');
  expect(unavailable).toEqual([]);
  expect(kernelRelease).toBe(result.kernelRelease);
  const panicked = sched?.cpus.find(({ curr }) => curr.pid === 1);
  const functions = functionsOf(panicked?.stack ?? []);
  // From the system call to the panic, in the order of the calls.
  const way = ['ksys_write', 'vfs_write', '__handle_sysrq', 'sysrq_handle_crash', 'panic'];
  const seen = way.map((name) => functions.indexOf(name));
  expect(seen.every((at) => at >= 0)).toBe(true);
  expect(seen).toEqual(seen.toSorted((a, b) => b - a));
  expect(panicked?.curr).toEqual({ pid: 1, comm: 'node', cpu: panicked?.cpu, schedClass: 'rt' });
  expect(text).toMatch(/the guest, seen from outside.*:\n[^]*runs node\[1\] \(rt\)/);
});

test.each(ROWS)(
  'a panic before init is told with its stack, without a word of the guest: $name',
  async ({ kernel }) => {
    const { plan, spec } = await planBody('return pass();', { kernel });
    const cmdline = `${plan.cmdline.replace(/rdinit=\S+/, 'rdinit=/nothing')} root=/dev/nothing`;
    const { result, text } = await runPlanned({ spec, plan: { ...plan, cmdline } });
    const functions = result.dump?.sched?.cpus.flatMap(({ stack }) => functionsOf(stack));
    expect(result.failure).toBe('guest-panic');
    expect(functions).toEqual(expect.arrayContaining(['panic', 'kernel_init', 'ret_from_fork']));
    expect(text).toContain('runs swapper/0[1]');
  },
);

test('a kernel that hangs is told with where it hangs, and with who waits behind it', async () => {
  const hang = `setTimeout(() => fs.writeFileSync('/sys/kernel/debug/provoke-crash/DIRECT', 'HARDLOCKUP'), 700);`;
  const body = `${hang} return executeDefs(ctx, [CgroupDef.named('a').workers(4)]);`;
  const { result, text } = await runBody(body, { durationMs: 1500, cores: 2 });
  // In time or not, the other CPU found the runtime lost, and could not switch the machine off.
  expect(['body-never-returned', 'timed-out']).toContain(result.failure);
  const { cpus = [], waiting = [] } = result.dump?.sched ?? {};
  const hung = cpus.find(({ stack }) => stack[0]?.startsWith('lkdtm_HARDLOCKUP+'));
  expect(hung?.curr).toMatchObject({ pid: 1, comm: 'node' });
  expect(hung?.stack.join(' ')).toMatch(/ lkdtm_do_action\S* .*ksys_write/);
  expect(waiting.map(({ comm }) => comm)).toContain('SpinWait');
  expect(text).toMatch(/waits: \S+\[\d+\] \(\w+\) for \d+\.\d+ m?s on cpu \d, in the run queue of cpu \d\n {6}\w+/);
});
