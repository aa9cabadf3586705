import { writeFileSync, chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

import type { TestOptions } from '../../../src/spec/declare/options';
import { packageRoot } from '../../../src/package-root';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { FailureKind } from '../../../src/verdict/failure-kind';
import { SCHEDULER_OUTCOMES } from '../../../src/verdict/scheduler/scheduler-run';
import { MACHINE_TIMEOUT_MS, runBody, type InlineRun } from '../inline-test';
import { storedKey } from '../stored-kernel';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const SECOND_NS = 1e9;

/** Holds for longer than any of these schedulers lives. */
const BODY = `return executeDefs(ctx, [CgroupDef.named('a').workers(2), CgroupDef.named('b').workers(2)]);`;
const HOLD = { durationMs: 12_000, timeoutMs: 20_000 };

const KTSTR = Scheduler.binary({ name: 'scx_ktstr', topology: { llcs: 2, cores: 1 } });

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktstr-outcomes-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], options: TestOptions = {}): Promise<InlineRun> {
  return runBody(BODY, { ...HOLD, scheduler: KTSTR, schedulerArgs: [...args], ...options });
}

interface Row {
  name: string;
  args: string[];
  kind: FailureKind;
  /** In the text that an author reads. */
  says: RegExp;
}

const TOLD: readonly Row[] = [
  {
    name: 'an error of its own',
    args: ['--crash-after', '0.3'],
    kind: 'scheduler-crashed',
    says: /switched off by the kernel \(scx_bpf_error\): .*\n[^]*the guest, seen from outside[^]*kernel log[^]*disabled \(scx_bpf_error\)[^]*the kernel's dump/,
  },
  {
    name: 'a stall',
    args: ['--stall-after', '0.3', '--timeout-ms', '1500'],
    kind: 'scheduler-stalled',
    says: /watchdog \(runnable task stall\): .*failed to run for \d+\.\d+s[^]*CPU states/,
  },
  {
    name: 'a clean exit',
    args: ['--exit-after', '0.3'],
    kind: 'scheduler-exited',
    says: /exited with code 0 while the test ran \(kernel: unregistered from user space/,
  },
  {
    name: 'a SIGKILL',
    args: ['--kill-after', '0.3'],
    kind: 'scheduler-killed',
    says: /ended by SIGKILL while the test ran/,
  },
  {
    name: 'a program that does not start',
    args: ['--exit-code', '7'],
    kind: 'scheduler-start-failed',
    says: /exited with code 7 before it was attached/,
  },
  {
    name: 'an option that it does not have',
    args: ['--no-such-option'],
    kind: 'scheduler-start-failed',
    says: /exited with code 2 before it was attached[^]*stderr[^]*no-such-option/,
  },
  {
    name: 'a program that the verifier refuses',
    args: ['--fail-verify'],
    kind: 'verifier-rejected',
    says: /refused by the BPF verifier[^]*processed \d+ insns/,
  },
  {
    name: 'a loop that the verifier refuses, whose log is folded',
    args: ['--verify-loop'],
    kind: 'verifier-rejected',
    says: /further iterations of these \d+ lines left out[^]*processed \d+ insns/,
  },
];

/** Outcomes with a test of their own below. */
const ELSEWHERE: readonly FailureKind[] = ['never-attached', 'scheduler-died', 'wrong-ops', 'sched-ext-missing'];

test('every outcome that fails a test is reached by a test of this file', () => {
  const failing = SCHEDULER_OUTCOMES.filter((outcome) => outcome !== 'running' && outcome !== 'stopped');
  expect(new Set([...TOLD.map(({ kind }) => kind), ...ELSEWHERE])).toEqual(new Set(failing));
});

test.concurrent.each(TOLD)('$name is told as $kind', async ({ args, kind, says }) => {
  const { result, text } = await run(args);
  expect(result.failure).toBe(kind);
  expect(text).toMatch(says);
  expect(text).toContain(`argv:    /ktstr/schedulers/scx_ktstr ${args.join(' ')}`);
});

test.concurrent('a scheduler that never attaches is told as such when its time is over', async () => {
  const scheduler = Scheduler.binary({ name: 'scx_ktstr', attachTimeoutMs: 1500 });
  const { result, text } = await run(['--no-attach'], { scheduler });
  expect(result.failure).toBe('never-attached');
  expect(text).toContain('was not attached 1500 ms after its start (attachTimeoutMs)');
});

test.concurrent('a scheduler that is detached, though its process goes on, has died for no known reason', async () => {
  const body = `fs.writeFileSync('/proc/sysrq-trigger', 'S'); ${BODY}`;
  const { result, text } = await runBody(body, { ...HOLD, scheduler: KTSTR });
  expect(result.failure).toBe('scheduler-died');
  expect(text).toContain('switched off by a SysRq');
});

test.concurrent('another scheduler than the declared one is refused', async () => {
  const scheduler = Scheduler.binary({ name: 'scx_other', discover: 'scx_ktstr' });
  const { result, text } = await run([], { scheduler });
  expect(result.failure).toBe('wrong-ops');
  expect(text).toContain('attached as "ktstr", and the declaration expects "other" (ops)');
});

test.concurrent('a program that the guest cannot execute is told with the reason', async () => {
  const path = join(folder, 'scx_script');
  writeFileSync(path, '#!/no/such/interpreter\n');
  chmodSync(path, 0o755);
  const { result, text } = await run([], { scheduler: Scheduler.binary({ name: 'scx_script', path }) });
  expect(result.failure).toBe('scheduler-start-failed');
  expect(text).toMatch(/could not be executed: spawn .*ENOENT/);
});

test.concurrent('a kernel without sched_ext is told before anything is started', async () => {
  const { result, text } = await run([], { kernel: storedKey(false) });
  expect(result.failure).toBe('sched-ext-missing');
  expect(text).toContain('CONFIG_SCHED_CLASS_EXT');
});

test.concurrent('a crash is a failed test in under a second of guest time', async () => {
  const { result, run: guest } = await run(['--crash-after', '0.5'], { machine: 'deterministic' });
  const [crashed] = result.schedulers;
  const endedAtNs = guest.messages.result?.stages.at(-1)?.atNs ?? Infinity;
  expect(result.failure).toBe('scheduler-crashed');
  // Attached, then half a second until it crashes.
  expect(endedAtNs - (crashed?.attachedAtNs ?? 0)).toBeLessThan(1.5 * SECOND_NS);
  expect(result.workers).toHaveLength(4);
});

test.concurrent('a body that waits for something else is cut short as well', async () => {
  const body = `await new Promise((resolve) => setTimeout(resolve, 15_000)); return pass();`;
  const options: TestOptions = { ...HOLD, machine: 'deterministic', scheduler: KTSTR };
  const { result, run: guest } = await runBody(body, { ...options, schedulerArgs: ['--exit-after', '0.5'] });
  const attachedAtNs = result.schedulers[0]?.attachedAtNs ?? 0;
  const endedAtNs = guest.messages.result?.stages.at(-1)?.atNs ?? Infinity;
  expect(result.failure).toBe('scheduler-exited');
  // Half a second until it exits, half a second that the body is given.
  expect(endedAtNs - attachedAtNs).toBeLessThan(2 * SECOND_NS);
});

test.concurrent('a scheduler that ignores SIGTERM is taken off all the same, and fails nothing', async () => {
  const { result } = await run(['--ignore-sigterm'], { durationMs: 500 });
  expect(result).toMatchObject({ failure: null, outcome: 'pass' });
  expect(result.schedulers).toMatchObject([{ outcome: 'stopped', exit: { code: null, signal: 'SIGKILL' } }]);
});

test.concurrent('watchdogTimeoutMs holds in place of the limit that the scheduler asks for', async () => {
  const scheduler = Scheduler.binary({ name: 'scx_ktstr', topology: { llcs: 2, cores: 1 }, watchdogTimeoutMs: 1500 });
  const { result, text } = await run(['--stall-after', '0.3', '--timeout-ms', '9000'], {
    scheduler,
    machine: 'deterministic',
  });
  const seconds = Number(/failed to run for (\d+\.\d+)s/.exec(text)?.[1]);
  expect(result.failure).toBe('scheduler-stalled');
  expect(result.schedulers[0]?.watchdog).toEqual({ limitMs: 1500, askedMs: 9000 });
  expect(text).toContain('watchdog: 1500 ms (watchdogTimeoutMs), in place of 9000 ms');
  // The kernel looks twice in each limit.
  expect(seconds).toBeGreaterThan(1.4);
  expect(seconds).toBeLessThan(2.3);
});

test.concurrent('a watchdog limit that could not be put in fails the test', async () => {
  // Its child is the one that attaches, and the threads of a program are followed, not its children.
  const path = join(folder, 'scx_parent');
  const start = `require('node:child_process').spawn('/include-files/scx_ktstr', { stdio: 'inherit' })`;
  writeFileSync(path, `#!/ktstr/node\nconst child = ${start};\nprocess.on('SIGTERM', () => child.kill());\n`);
  chmodSync(path, 0o755);
  const includeFiles = [join(packageRoot(), 'native/build/bpf/scx_ktstr')];
  const scheduler = Scheduler.binary({ name: 'scx_ktstr', path, includeFiles, watchdogTimeoutMs: 1500 });
  const { result, text } = await run([], { scheduler });
  expect(result.failure).toBe('scheduler-start-failed');
  expect(text).toContain(
    'attached without the declared limit of its watchdog (watchdogTimeoutMs): its own process did not',
  );
});
