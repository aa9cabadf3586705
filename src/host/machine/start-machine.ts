import { KvmMachine } from './kvm/kvm-machine';
import type { MachineConfig, MachineName } from './machine';
import { QemuMachine } from './qemu/qemu-machine';

/** Resolves when the guest has begun to boot. @throws {HarnessError} `machine-start` */
export function startMachine(kind: MachineName, config: MachineConfig): Promise<KvmMachine | QemuMachine> {
  return kind === 'kvm' ? KvmMachine.start(config) : QemuMachine.start(kind, config);
}
