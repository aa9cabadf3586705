import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { HarnessError } from '../src/errors';
import { QEMU } from '../src/host/machine/qemu/qemu-machine';
import { kvmObstacle } from '../src/host/machine/kvm/kvm-obstacle';
import type { MachineName } from '../src/host/machine/machine';
import type { MachineKind } from '../src/spec/declare/test-spec';

/** A missing precondition: the test is skipped with this reason, or fails when `KTSTR_REQUIRE=1`. */
export interface Unavailable {
  reason: string;
}

/** The machine that a test runs on. `auto` takes KVM where hardware virtualisation is really there, else the emulated one. */
export function chooseMachine(asked: MachineKind): MachineName {
  const machine = asked === 'auto' ? automatic() : asked;
  if (machine === 'kvm') refuseKvm(kvmObstacle());
  else if (!isOnPath(QEMU)) {
    throw new HarnessError('machine-unavailable', {
      machine,
      reason: `${QEMU} is not on PATH`,
      remedy: 'Run: npx ktstr setup',
    });
  }
  return machine;
}

function automatic(): MachineName {
  return kvmObstacle() === null ? 'kvm' : 'emulated';
}

function refuseKvm(reason: string | null): void {
  if (reason === null) return;
  throw new HarnessError('machine-unavailable', { machine: 'kvm', reason, remedy: `Use machine: 'emulated'` });
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
