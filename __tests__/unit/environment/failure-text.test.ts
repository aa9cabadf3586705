import { describe, expect, test } from '@jest/globals';
import { failureText } from '../../../environment/failure-text';
import type { GuestRun } from '../../../src/host/machine/guest-run';
import type { MachineExit } from '../../../src/host/machine/machine';
import type { FailureKind } from '../../../src/verdict/failure-kind';
import { guestTopology } from '../spec/scenario/guest-topologies';
import { guestRun, HELLO, runResult, specOf } from './finished-runs';

function textOf(kind: FailureKind, run: Partial<GuestRun>): string {
  return failureText({ kind, run: guestRun(run), result: runResult(), spec: specOf({ timeoutMs: 4000 }) });
}

const headOf = (kind: FailureKind, run: Partial<GuestRun>): string | undefined => textOf(kind, run).split('\n')[0];

describe('failureText()', () => {
  test.each<{ kind: FailureKind; run: Partial<GuestRun>; head: string }>([
    {
      kind: 'body-exited',
      run: { messages: { departure: { how: 'process.exit', code: 3, stack: '' } } },
      head: 'Fairness split: the guest was ended by process.exit with code 3 before the test had a result',
    },
    {
      kind: 'body-aborted',
      run: { messages: { departure: { how: 'process.abort', code: null, stack: '' } } },
      head: 'Fairness split: the guest was ended by process.abort before the test had a result',
    },
    {
      kind: 'topology-mismatch',
      run: { messages: { hello: { ...HELLO, topology: guestTopology({ cores: 1 }) } } },
      head: 'CPUs: asked for 2, got 1',
    },
    { kind: 'body-never-returned', run: {}, head: 'of 4000 ms (timeoutMs): JavaScript was looping' },
    {
      kind: 'timed-out',
      run: { stop: { why: 'deadline', message: 'no result within 5 ms' } },
      head: 'no result within 5 ms',
    },
    {
      kind: 'guest-panic',
      run: { consoleText: '[ 1.0] Kernel panic - not syncing: sched went wrong\r\n[ 1.0] CPU: 0\r\n' },
      head: 'Fairness split: the guest kernel panicked: sched went wrong',
    },
    { kind: 'no-result', run: {}, head: 'the guest went without sending its result' },
  ])('starts with what is known of $kind', ({ kind, run, head }) => {
    expect(headOf(kind, run)).toContain(head);
    expect(textOf(kind, run)).toMatch(new RegExp(`\\(${kind}\\)$`));
  });

  test.each<{ exit: MachineExit; words: string }>([
    { exit: { kind: 'poweroff' }, words: 'powered off' },
    { exit: { kind: 'reset' }, words: 'reset' },
    { exit: { kind: 'triple-fault' }, words: 'triple fault' },
    { exit: { kind: 'triple-fault', registers: 'vcpu 1: rip=0x10' }, words: 'triple fault, vcpu 1: rip=0x10' },
    { exit: { kind: 'killed', signal: 'SIGSEGV' }, words: 'killed by SIGSEGV' },
    {
      exit: { kind: 'failed', exitCode: 1, stderr: 'no such CPU' },
      words: 'the machine failed with code 1: no such CPU',
    },
    { exit: { kind: 'failed', exitCode: null, stderr: '' }, words: 'the machine failed: no message' },
  ])('says that the machine $exit.kind', ({ exit, words }) => {
    expect(textOf('test-started', { exit }).split('\n')).toContain(`exit:    ${words}`);
  });

  test('tells the machine, the last stage, faults and lost bytes', () => {
    const text = textOf('runtime-loaded', {
      seenAtMs: new Map([
        ['init', 1200],
        ['hello', 2345],
      ]),
      stop: { why: 'panic', message: '' },
      faults: ['init mount /proc', 'runtime "no port"'],
      droppedBytes: 12,
    });
    expect(text.split('\n').slice(2, 8)).toEqual([
      'machine: emulated, 1n1l2c1t, 512 MiB, kernel 6.12.0',
      'reached: hello, 2.35 s after spawn',
      'exit:    powered off, ended by the host (panic)',
      'fault:   init mount /proc',
      'fault:   runtime "no port"',
      'port:    12 bytes were no intact frame',
    ]);
  });

  test('leaves out what there is none of', () => {
    expect(textOf('init-not-started', {}).split('\n').slice(3)).toEqual([
      'reached: nothing',
      'exit:    powered off',
      'console: empty',
      '(init-not-started)',
    ]);
  });

  test('ends with the last 20 console lines that are not empty', () => {
    const lines = Array.from({ length: 25 }, (_, index) => `line ${index}`);
    const text = textOf('test-started', { consoleText: `${lines.join('\r\n\r\n')}\r\n` }).split('\n');
    const at = text.indexOf('console, last 20 of 25 lines:');
    expect(text.slice(at + 1, -1)).toEqual(lines.slice(5).map((line) => `  ${line}`));
  });

  test('shows console lines without colours, and control characters as such', () => {
    const text = textOf('test-started', { consoleText: '\x1b[31mred\x1b[0m\tand \0\n' });
    expect(text.split('\n')).toContain('  red\tand \uFFFD');
  });
});
