import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { HarnessError } from '../src/errors';
import { QEMU } from '../src/host/machine/qemu/qemu-machine';
import type { TimeKind } from '../src/host/machine/qemu/qemu-args';
import type { MachineKind } from '../src/spec/declare/test-spec';

/** A missing precondition: the test is skipped with this reason, or fails when `KTSTR_REQUIRE=1`. */
export interface Unavailable {
  reason: string;
}

/** The machine that a test runs on. `auto` takes the emulated one: there is no other that needs nothing of the hardware. */
export function chooseMachine(asked: MachineKind): TimeKind {
  if (asked === 'kvm')
    throw new HarnessError('machine-unavailable', {
      machine: 'kvm',
      reason: 'this version has no KVM machine',
      remedy: `Use machine: 'emulated'`,
    });
  const machine = asked === 'auto' ? 'emulated' : asked;
  if (!isOnPath(QEMU)) {
    throw new HarnessError('machine-unavailable', {
      machine,
      reason: `${QEMU} is not on PATH`,
      remedy: 'Run: npx ktstr setup',
    });
  }
  return machine;
}

/** True when a missing machine or kernel is a failure. CI sets it, so that nothing is skipped there unseen. */
export function isRequired(env: NodeJS.ProcessEnv): boolean {
  return env['KTSTR_REQUIRE'] === '1';
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
