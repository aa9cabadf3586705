import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../environment/classify';
import { NEVER_RETURNED } from '../../../src/protocol/messages';
import type { GuestRun } from '../../../src/host/machine/guest-run';
import type { FailureKind } from '../../../src/verdict/failure-kind';
import { guestTopology } from '../spec/scenario/guest-topologies';
import { guestRun, HELLO, specOf, TEST_START } from './finished-runs';

const { topology: ASKED } = specOf();

const PANIC = '[    1.0] Kernel panic - not syncing: Fatal exception\n';
const INIT_DIED = '[    1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009\n';
const RESULT = { errors: [], assertResult: null, schedulers: [], stages: [] };
const STARTED = { hello: HELLO, testStart: TEST_START };
const LOOP = [{ functionName: 'spin', url: 'file:///ktstr/test.js', line: 0, column: 0 }];
const KILLED = { kind: 'killed', signal: 'SIGKILL' } as const;
const DEADLINE = { why: 'deadline', message: '' } as const;
const departure = (code: number | null) => ({ how: 'process.exit', code, stack: '' });
const error = (name: string) => ({ name, message: '', stack: '' });

interface Row {
  name: string;
  run: Partial<GuestRun>;
  kind: FailureKind | null;
}

describe('classify()', () => {
  test.each<Row>([
    { name: 'of which nothing was seen', run: { exit: { kind: 'reset' } }, kind: 'init-not-started' },
    { name: 'whose init started', run: { seenAtMs: new Map([['init', 5]]) }, kind: 'init-started' },
    { name: 'whose runtime said hello', run: { messages: { hello: HELLO } }, kind: 'runtime-loaded' },
    { name: 'that reset within the test', run: { messages: STARTED, exit: { kind: 'reset' } }, kind: 'test-started' },
    { name: 'that powered off without a result', run: { messages: STARTED }, kind: 'no-result' },
    {
      name: 'that tripled a fault within the test',
      run: { messages: STARTED, exit: { kind: 'triple-fault' } },
      kind: 'triple-fault',
    },
  ])('names how far a guest came $name: $kind', ({ run, kind }) => {
    expect(classify(guestRun(run), ASKED)).toBe(kind);
  });

  test.each<Row>([
    { name: 'QEMU was killed by another', run: { messages: STARTED, exit: KILLED }, kind: 'machine-failed' },
    {
      name: 'QEMU ended with an error',
      run: { exit: { kind: 'failed', exitCode: 1, stderr: 'no' } },
      kind: 'machine-failed',
    },
    { name: 'the host killed it over a deadline', run: { exit: KILLED, stop: DEADLINE }, kind: 'timed-out' },
    {
      name: 'the host killed it after a panic',
      run: { consoleText: PANIC, exit: KILLED, stop: { why: 'panic', message: '' } },
      kind: 'guest-panic',
    },
    {
      name: 'it panicked and the deadline passed as well',
      run: { consoleText: PANIC, exit: KILLED, stop: DEADLINE },
      kind: 'guest-panic',
    },
    {
      name: 'PID 1 died before the test started',
      run: { consoleText: INIT_DIED, messages: { hello: HELLO } },
      kind: 'guest-panic',
    },
    { name: 'PID 1 died in the test', run: { consoleText: INIT_DIED, messages: STARTED }, kind: 'body-aborted' },
    {
      name: 'the body exited',
      run: { messages: { ...STARTED, departure: departure(0) } },
      kind: 'body-exited',
    },
    {
      name: 'the body aborted',
      run: { messages: { ...STARTED, departure: departure(null) } },
      kind: 'body-aborted',
    },
    {
      name: 'the body looped until the deadline',
      run: { messages: STARTED, loop: LOOP, exit: KILLED, stop: DEADLINE },
      kind: 'body-never-returned',
    },
    ...[
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      'Out of memory: Killed process 77 (node)',
    ].map((text) => ({
      name: `memory ran out (${text}), which the panic over PID 1 only follows`,
      run: { consoleText: `${text}\n${INIT_DIED}`, messages: STARTED },
      kind: 'out-of-memory' as const,
    })),
  ])('finds the cause when $name: $kind', ({ run, kind }) => {
    expect(classify(guestRun(run), ASKED)).toBe(kind);
  });

  test.each<Row>([
    { name: 'no errors', run: { messages: { ...STARTED, result: RESULT } }, kind: null },
    {
      name: 'no errors and the machine had to be ended',
      run: { messages: { ...STARTED, result: RESULT }, exit: KILLED, stop: DEADLINE },
      kind: null,
    },
    {
      name: 'an error',
      run: { messages: { ...STARTED, result: { ...RESULT, errors: [error('TypeError')] } } },
      kind: 'test-failed',
    },
    {
      name: 'an error of a hook and a body that never returned',
      run: { messages: { ...STARTED, result: { ...RESULT, errors: [error('Error'), error(NEVER_RETURNED)] } } },
      kind: 'body-never-returned',
    },
  ])('goes by the result when it has $name: $kind', ({ run, kind }) => {
    expect(classify(guestRun(run), ASKED)).toBe(kind);
  });

  test('puts a wrong topology before all else', () => {
    const hello = { ...HELLO, topology: guestTopology({ llcs: 2, cores: 1 }) };
    const messages = { hello, testStart: TEST_START, result: RESULT };
    expect(classify(guestRun({ messages, consoleText: PANIC }), ASKED)).toBe('topology-mismatch');
  });
});
