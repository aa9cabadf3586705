import { KvmMachine } from './kvm/kvm-machine';
import type { MachineConfig, MachineName } from './machine';
import { QemuMachine } from './qemu/qemu-machine';

/** Resolves when the guest has begun to boot. @throws {HarnessError} `machine-start` */
export async function startMachine(kind: MachineName, config: MachineConfig): Promise<KvmMachine | QemuMachine> {
  if (kind !== 'kvm' && (config.topology.memory !== undefined || config.apicLlcBits !== undefined))
    throw new TypeError(
      `start a machine that is ${kind} with memory by node or wide APIC ids: only KVM machines have that`,
    );
  return kind === 'kvm' ? KvmMachine.start(config) : QemuMachine.start(kind, config);
}
