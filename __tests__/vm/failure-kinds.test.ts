import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { classify } from '../../environment/classify';
import { deadlinesFor } from '../../environment/deadlines';
import { buildSuffix } from '../../initramfs/suffix';
import { watchGuest } from '../../src/host/machine/watch-guest';
import type { TestOptions } from '../../src/spec/declare/options';
import { FAILURE_TEXTS, type FailureKind } from '../../src/verdict/failure-kind';
import { SCHEDULER_OUTCOMES } from '../../src/verdict/scheduler/scheduler-run';
import { pvhKernel } from '../native/vmm/pvh-kernel';
import { MACHINE_TIMEOUT_MS, lineOf, planBody, runBody, runPlanned, startMachine, type InlineRun } from './inline-test';

jest.setTimeout(MACHINE_TIMEOUT_MS);

const SYSRQ = (key: string): string => `fs.writeFileSync('/proc/sysrq-trigger', '${key}');`;
const SHORT: TestOptions = { durationMs: 100, timeoutMs: 500 };
/** Memory is what is to run out, so there is little of it, and much time: a busy host takes half a minute to fill it. */
const SMALL: TestOptions = { memoryMib: 320, timeoutMs: 240_000 };

/** movb $0x42, 0xfea00202; hlt; jmp back. There is the reset register of QEMU's microvm: GED_MMIO_BASE_REGS + ACPI_GED_REG_RESET. */
const RESETS = Buffer.from([0xc6, 0x05, 0x02, 0x02, 0xa0, 0xfe, 0x42, 0xf4, 0xeb, 0xfd]);

interface Failing {
  how: string;
  kind: FailureKind;
  body: string;
  options?: TestOptions;
  top?: string;
  /** How the machine ends, as the text says it. */
  exit: string;
  /** Of the text, beside what every failure of the kind says. */
  says: RegExp;
}

/** Failures that the harness has to explain: no line of the author's threw. */
const LOST: readonly Failing[] = [
  {
    how: 'the file switches the machine off while it loads',
    kind: 'runtime-loaded',
    body: '',
    top: `${SYSRQ('o')} for (;;);`,
    exit: 'powered off',
    says: /reached: hello, /,
  },
  {
    how: 'the body resets the machine',
    kind: 'test-started',
    body: SYSRQ('b'),
    options: { kernelArgs: ['reboot=a'] },
    exit: 'reset',
    says: /reached: testStart, /,
  },
  {
    how: 'the body switches the machine off',
    kind: 'no-result',
    body: `${SYSRQ('o')} await new Promise(() => {});`,
    exit: 'powered off',
    says: /reboot: Power down/,
  },
  {
    how: 'the body crashes the kernel',
    kind: 'guest-panic',
    body: SYSRQ('c'),
    exit: 'killed by SIGKILL, ended by the host (panic)',
    says: /panicked: sysrq triggered crash\n[^]*runs node\[1\] \(rt\)[^]*sysrq_handle_crash[^]*console, last 20 of \d+ lines/,
  },
  {
    how: 'the body resets the machine by a triple fault',
    kind: 'triple-fault',
    body: SYSRQ('b'),
    exit: 'triple fault',
    says: /sysrq: Resetting/,
  },
  {
    how: 'the body exits',
    kind: 'body-exited',
    body: `// first\nprocess.exit(3); // here`,
    exit: 'powered off',
    says: /ended by process\.exit with code 3 before/,
  },
  {
    how: 'the body aborts',
    kind: 'body-aborted',
    body: `process.abort(); // here`,
    exit: 'powered off',
    says: /ended by process\.abort before/,
  },
  {
    how: 'the body sends itself a signal',
    kind: 'body-aborted',
    body: `await null;\nprocess.kill(process.pid, 'SIGSEGV'); // here`,
    exit: 'powered off',
    says: /ended by process\.kill\(1, SIGSEGV\) before/,
  },
  {
    how: 'native code of the body crashes',
    kind: 'body-aborted',
    body: `require('node:v8').setFlagsFromString('--allow-natives-syntax');\nnew Function('%SystemBreak()')();`,
    exit: 'killed by SIGKILL, ended by the host (panic)',
    // The wait status that PID 1 left: SIGTRAP.
    says: /Attempted to kill init! exitcode=0x00000005/,
  },
  {
    how: 'the JavaScript heap is full',
    kind: 'out-of-memory',
    body: `const all: unknown[] = [];\nfor (;;) all.push(new Array(10_000).fill(all.length));`,
    options: SMALL,
    exit: 'killed by SIGKILL, ended by the host (panic)',
    says: /the guest or its JavaScript heap/,
  },
  {
    how: 'the memory of the machine is full',
    kind: 'out-of-memory',
    body: `const all: unknown[] = [];\nfor (;;) all.push(Buffer.alloc(8 * 1024 * 1024, 1));`,
    options: SMALL,
    exit: 'killed by SIGKILL, ended by the host (panic)',
    says: /the guest or its JavaScript heap/,
  },
  {
    how: 'JavaScript of the body loops',
    kind: 'body-never-returned',
    body: `await null;\nlet turns = 0;\nwhile (true) turns++; // here`,
    options: SHORT,
    exit: 'powered off',
    says: /within its time budget of 500 ms \(timeoutMs\): JavaScript was looping/,
  },
  {
    how: 'the kernel is told to use one CPU only',
    kind: 'topology-mismatch',
    body: '',
    options: { cores: 2, kernelArgs: ['maxcpus=1'] },
    exit: 'powered off',
    says: /CPUs: asked for 2, got 1/,
  },
];

/**
 * Two processes read one open file of the kernel's log: the first sleeps in it until there is more to read, the second waits for the first with
 * a mutex that no signal ends, which the kernel takes for a hang.
 */
const HANGS_A_TASK = `
const shared = fs.openSync('/proc/kmsg', 'r');
const code = 'for (;;) fs.readSync(3, Buffer.alloc(65536))';
const readers = [0, 1].map(() =>
  childProcess.spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'ignore', shared] }));
const left = () => fs.readFileSync('/proc/sys/kernel/hung_task_warnings', 'utf8');
for (const before = left(); left() === before; ) await new Promise((resolve) => setTimeout(resolve, 20));
for (const reader of readers) reader.kill('SIGKILL');`;

/** Failures that an author's line or a check explains. */
const TOLD: readonly (Omit<Failing, 'exit'> & { line?: string })[] = [
  {
    how: 'the body throws',
    kind: 'test-failed',
    body: `// first\nthrow new RangeError('out of bounds'); // here`,
    says: /^RangeError: out of bounds\n/,
  },
  {
    how: 'a promise of the body stays pending',
    kind: 'body-never-returned',
    body: 'await new Promise(() => {});',
    options: SHORT,
    says: /the promise of inline was still pending after 500 ms of guest time \(timeoutMs\)/,
  },
  {
    how: 'the body returns a failed result',
    kind: 'check-failed',
    body: `return fail('too slow');`,
    says: /1 check failed[^]*other: too slow/,
  },
  {
    how: 'the kernel finds a task that hangs',
    kind: 'kernel-splat',
    body: HANGS_A_TASK,
    options: { sysctls: { 'kernel.hung_task_timeout_secs': 1 } },
    says: /hung-task: INFO: task hung, line \d+[^]*INFO: task \S+ blocked for more than 1 seconds/,
  },
];

/** Failures with a test of their own below. */
const ELSEWHERE: readonly FailureKind[] = ['init-not-started', 'init-started', 'timed-out', 'machine-failed'];

test('every kind of failure that is not of a scheduler is reached by a test of this file', () => {
  const reached = [...LOST, ...TOLD].map(({ kind }) => kind);
  const kinds = Object.keys(FAILURE_TEXTS).filter((kind) => !(SCHEDULER_OUTCOMES as readonly string[]).includes(kind));
  expect(new Set([...reached, ...ELSEWHERE])).toEqual(new Set(kinds));
});

describe('runOnce()', () => {
  test.concurrent.each(LOST)(
    'fails as $kind, before any deadline, when $how',
    async ({ kind, body, options, top, exit, says }) => {
      const run = await runBody(body, options, top);

      expect({ kind: run.result.failure, outcome: run.result.outcome, text: run.text }).toEqual({
        kind,
        outcome: 'fail',
        text: expect.stringMatching(says),
      });
      expectMachineTold(run, exit);
      expectNoDeadline(run, kind);
      expect(run.text).toContain(`(${kind})`);
      if (body.includes('// here')) expect(run.text).toContain(`inline.test.ts:${lineOf(body, '// here')}:`);
    },
  );

  test.concurrent.each(TOLD)('fails as $kind when $how', async ({ kind, body, options, says }) => {
    const run = await runBody(body, options);

    expect({ kind: run.result.failure, outcome: run.result.outcome, text: run.text }).toEqual({
      kind,
      outcome: 'fail',
      text: expect.stringMatching(says),
    });
    expect(run.run.exit).toEqual({ kind: 'poweroff' });
    if (body.includes('// here')) expect(run.text).toContain(`inline.test.ts:${lineOf(body, '// here')}:`);
  });

  test('fails as init-started when init finds no program to become', async () => {
    const planned = await planBody('');
    const argv = { kind: 'content', guestPath: '/ktstr/argv', mode: 0o644, content: '/ktstr/absent\n' } as const;
    const suffix = Buffer.concat([planned.plan.suffix, buildSuffix([argv]).archive]);

    const run = await runPlanned({ ...planned, plan: { ...planned.plan, suffix } });

    expect(run.result.failure).toBe('init-started');
    expectMachineTold(run, 'powered off');
    expect(run.text).toMatch(/^fault: .*exec.* 2\b/m);
  });
});

describe('runOnce() with a kernel that is none', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ktstr-vm-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('fails as init-not-started when the machine resets before there is an init', async () => {
    const kernelImage = join(folder, 'vmlinux');
    writeFileSync(kernelImage, pvhKernel(RESETS));
    const planned = await planBody('');

    const run = await runPlanned({ ...planned, plan: { ...planned.plan, kernelImage } });

    expect(run.result.failure).toBe('init-not-started');
    expect(run.text).toMatch(/the kernel did not come up[^]*reached: nothing[^]*exit: +reset[^]*console: empty/);
  });
});

describe('watchGuest()', () => {
  const LONG = { bootMs: 600_000, silenceMs: 60_000, testMs: 60_000, poweroffMs: 60_000 };

  test('ends a machine as timed-out, saying what it waited for and saw last, when a deadline passes', async () => {
    const planned = await planBody('await new Promise(() => {});', { timeoutMs: 60_000 });
    await using machine = await startMachine(planned);

    const run = await watchGuest(machine, { deadlines: { ...LONG, testMs: 500 }, startedAt: performance.now() });

    expect(classify(run, planned.spec.topology)).toBe('timed-out');
    expect(run.stop?.message).toMatch(/^no result of the test within 500 ms; last seen: stage testStart, \d+\.\d s/);
    expect(run.exit).toEqual({ kind: 'killed', signal: 'SIGKILL' });
  });

  test('ends a machine as timed-out when it gives no sign of life', async () => {
    const planned = await planBody('');
    await using machine = await startMachine(planned);

    const run = await watchGuest(machine, { deadlines: { ...LONG, silenceMs: 20 }, startedAt: performance.now() });

    expect(classify(run, planned.spec.topology)).toBe('timed-out');
    expect(run.stop?.message).toMatch(/^no sign of life within 20 ms; last seen: nothing, /);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'tells of a machine that is ended from outside by %s as machine-failed',
    async (signal) => {
      const planned = await planBody('await new Promise(() => {});', { timeoutMs: 60_000 });
      await using machine = await startMachine(planned);
      if (machine.kind === 'kvm') throw new TypeError('a KVM machine has no process of its own');
      const { pid } = machine;

      const run = await watchGuest(machine, {
        deadlines: LONG,
        startedAt: performance.now(),
        onMessage: ({ kind }) => kind === 'hello' && process.kill(pid, signal),
      });

      expect(classify(run, planned.spec.topology)).toBe('machine-failed');
      expect({ exit: run.exit, stop: run.stop }).toEqual({ exit: { kind: 'killed', signal }, stop: null });
    },
  );
});

/** The host did not have to wait for a deadline, and, loops aside, knew long before one. */
function expectNoDeadline({ run, spec }: InlineRun, kind: FailureKind): void {
  expect(run.stop?.why).not.toBe('deadline');
  const startedAtMs = run.seenAtMs.get('testStart');
  if (startedAtMs === undefined || kind === 'body-never-returned') return;
  const tookMs = run.endedAtMs - startedAtMs;
  expect(tookMs / deadlinesFor(spec, 'emulated').testMs).toBeLessThan(0.25);
}

/** Every text about a lost guest says how the machine ended and what its console said last. */
function expectMachineTold({ text, result }: InlineRun, exit: string): void {
  const lines = text.split('\n');
  expect(lines).toContain(`exit:    ${exit}`);
  const head = lines.findIndex((line) => /^console, last \d+ of \d+ lines:$/.test(line));
  const [, shown, all] = /last (\d+) of (\d+)/.exec(lines[head] ?? '') ?? [];
  const tail = lines.slice(head + 1, head + 1 + Number(shown)).map((line) => line.trim());
  const consoleLines = result.console
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  expect(Number(all)).toBe(consoleLines.length);
  expect(tail).toEqual(consoleLines.slice(-20));
}
