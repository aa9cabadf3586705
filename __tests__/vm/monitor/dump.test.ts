import { expect, jest, test } from '@jest/globals';

import { setTimeout } from 'node:timers/promises';

import { dumpText } from '../../../environment/dump-text';
import type { Machine } from '../../../src/host/machine/machine';
import { collectDump } from '../../../src/host/monitor/dump/collect-dump';
import type { FailureDump } from '../../../src/verdict/monitor/failure-dump';
import { MACHINE_TIMEOUT_MS, planBody, runBody, runPlanned, startMachine } from '../inline-test';
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
  // The console of a test has warnings alone, the log has all.
  expect(result.dump?.log).toContainEqual(expect.stringMatching(/^\[ +\d+\.\d{6}\] sysrq: Trigger a crash$/));
  expect(result.console).toContain(
    result.dump?.log.find((line) => line.includes('Kernel panic - not syncing: sysrq triggered crash')) ?? 'no line',
  );
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

/** Memory that ends in front of the initrd: setup_arch() panics, long before there is a console, a scheduler or VMCOREINFO. */
const TOO_LITTLE = 'mem=60M';

test.each(ROWS)(
  'a panic in the first instants of a boot, of which the console shows nothing, is told with its stack and its words: $name',
  async ({ kernel }) => {
    const { plan, spec } = await planBody('return pass();', { kernel, cores: 2 });
    await using machine = await startMachine({ spec, plan: { ...plan, cmdline: `${plan.cmdline} ${TOO_LITTLE}` } });
    const dump = await dumpOnce(machine, ({ log }) => log.at(-1)?.includes('---[ end Kernel panic') ?? false);
    expect(machine.console.text()).toBe('');
    expect(dump.sched).toBeNull();
    expect(dump.kernelRelease).toMatch(/^6\./);
    const functions = functionsOf(dump.stacks[0] ?? []);
    expect(functions.slice(-6, -3)).toEqual(['panic', 'setup_arch', 'start_kernel']);
    expect(dump.stacks[1]).toEqual([]);
    expect(dump.log[0]).toMatch(/^\[ {4}0\.000000\] Linux version 6\./);
    expect(dump.log.at(-1)).toMatch(/---\[ end Kernel panic - not syncing: /);
    expect(dumpText(dump, null).join('\n')).toMatch(/ {2}vcpu 0:\n[^]* {6}setup_arch\+[^]*not syncing: /);
  },
);

/** The dump of a machine that nobody told anything of, as soon as it shows what is waited for. */
async function dumpOnce(machine: Machine, holds: (dump: FailureDump) => boolean): Promise<FailureDump> {
  const endsAt = Date.now() + MACHINE_TIMEOUT_MS;
  for (;;) {
    await machine.pause();
    const dump = collectDump({ memory: machine.memory, registers: await machine.registers(), kernel: null });
    if (holds(dump) || Date.now() > endsAt) return dump;
    await machine.resume();
    await setTimeout(500);
  }
}

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
