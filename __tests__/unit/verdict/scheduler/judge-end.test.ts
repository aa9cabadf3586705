import { expect, test } from '@jest/globals';

import { judgeEnd, type EndEvidence } from '../../../../src/verdict/scheduler/judge-end';
import type { SchedulerOutcome } from '../../../../src/verdict/scheduler/scheduler-run';

const QUIET: EndEvidence = {
  isAttached: true,
  stop: null,
  exit: { code: 0, signal: null },
  spawnError: null,
  kernel: { reason: 'unregistered from user space', message: null },
  stderr: '',
  attachTimeoutMs: 10_000,
};
const UNATTACHED = { isAttached: false, kernel: null, exit: { code: 1, signal: null } };
const KILLED = { code: null, signal: 'SIGKILL' };

test.each<{ name: string; evidence: Partial<EndEvidence>; outcome: SchedulerOutcome; says: string }>([
  { name: 'an end that was asked for', evidence: { stop: 'detach' }, outcome: 'stopped', says: 'detach' },
  {
    name: 'a kill that was asked for',
    evidence: { stop: 'test-ended', exit: KILLED },
    outcome: 'stopped',
    says: 'SIGKILL',
  },
  {
    name: 'a SysRq of the harness',
    evidence: { stop: 'test-ended', kernel: { reason: 'disabled by sysrq-S', message: null } },
    outcome: 'stopped',
    says: 'test-ended',
  },
  {
    name: 'a SysRq of somebody else',
    evidence: { kernel: { reason: 'disabled by sysrq-S', message: null } },
    outcome: 'scheduler-died',
    says: 'sysrq-S',
  },
  { name: 'code 0 by itself', evidence: {}, outcome: 'scheduler-exited', says: 'exited with code 0' },
  {
    name: 'another code by itself',
    evidence: { exit: { code: 3, signal: null } },
    outcome: 'scheduler-died',
    says: 'exited with code 3',
  },
  {
    name: 'a detached scheduler whose process goes on',
    evidence: { exit: null },
    outcome: 'scheduler-died',
    says: 'still ran',
  },
  { name: 'a signal', evidence: { exit: KILLED }, outcome: 'scheduler-killed', says: 'SIGKILL' },
  {
    name: 'an error of its own',
    evidence: { kernel: { reason: 'scx_bpf_error', message: 'bad DSQ 7' } },
    outcome: 'scheduler-crashed',
    says: 'scx_bpf_error): bad DSQ 7',
  },
  {
    name: 'an error while it attached',
    evidence: { ...UNATTACHED, kernel: { reason: 'runtime error', message: 'ops.init() failed (-22)' } },
    outcome: 'scheduler-crashed',
    says: 'ops.init() failed (-22)',
  },
  {
    name: 'a stall',
    evidence: { kernel: { reason: 'runnable task stall', message: 'w[9] failed to run for 5.003s' } },
    outcome: 'scheduler-stalled',
    says: 'w[9] failed to run for 5.003s',
  },
  {
    name: 'a stall though it was being stopped',
    evidence: { stop: 'test-ended', kernel: { reason: 'runnable task stall', message: null } },
    outcome: 'scheduler-stalled',
    says: 'watchdog',
  },
  {
    name: 'no end at all within its time',
    evidence: { ...UNATTACHED, stop: 'never-attached', exit: KILLED },
    outcome: 'never-attached',
    says: '10000 ms',
  },
  {
    name: 'a program that cannot be executed',
    evidence: { ...UNATTACHED, exit: null, spawnError: 'spawn ENOENT' },
    outcome: 'scheduler-start-failed',
    says: 'ENOENT',
  },
  {
    name: 'a missing library',
    evidence: { ...UNATTACHED, stderr: 'x: error while loading shared libraries: libelf.so.1: cannot open' },
    outcome: 'scheduler-start-failed',
    says: 'libelf.so.1',
  },
  {
    name: 'an exit before it attached',
    evidence: UNATTACHED,
    outcome: 'scheduler-start-failed',
    says: 'exited with code 1 before',
  },
  {
    name: 'a program that the verifier refused',
    evidence: { ...UNATTACHED, stderr: "libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n0: R1" },
    outcome: 'verifier-rejected',
    says: 'verifier',
  },
])('judgeEnd() tells $name: $outcome', ({ evidence, outcome, says }) => {
  const judgement = judgeEnd({ ...QUIET, ...evidence });
  expect(judgement.outcome).toBe(outcome);
  expect(judgement.message).toContain(says);
});
