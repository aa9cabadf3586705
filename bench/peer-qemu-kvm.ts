import { spawn } from 'node:child_process';

import { FileStream } from '../src/host/machine/file-stream';
import type { MachineConfig } from '../src/host/machine/machine';
import { QEMU } from '../src/host/machine/qemu/qemu-machine';
import { nativeProgram } from '../src/package-root';
import { cpuCount } from '../src/spec/topology/topology';
import type { BootedGuest } from './boot-times';

const LIMIT_BYTES = 64 * 1024 * 1024;
/** Descriptors that QEMU inherits. */
const FD = { com1: 3, com2: 4, port: 5 } as const;

/** QEMU's microvm on KVM as one would call it by hand, with the lines that init and the test write to. */
export function startPeer(config: MachineConfig): BootedGuest {
  const [com1, com2, port] = [line(), line(), line()];
  const stdio = ['ignore', 'ignore', 'inherit', com1.writeFd, com2.writeFd, port.writeFd] as const;
  const child = spawn(nativeProgram('host/tether'), [String(process.pid), QEMU, ...peerArgs(config)], {
    stdio: [...stdio],
  });
  const exited = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  return {
    ...{ console: com1, early: com2, port, exited },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      for (const stream of [com1, com2, port]) stream[Symbol.dispose]();
    },
  };
}

function peerArgs({ topology, memoryMib, kernelImage, initrd, cmdline }: MachineConfig): string[] {
  const { llcs, cores, threads } = topology;
  const file = (id: keyof typeof FD): string[] => [
    ...['-add-fd', `fd=${FD[id]},set=${FD[id]}`],
    ...['-chardev', `file,id=${id},path=/dev/fdset/${FD[id]}`],
  ];
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    // Modern virtio, and no words added to the command line: what ours does, too.
    ...['-machine', 'microvm,isa-serial=off,auto-kernel-cmdline=off,rtc=on'],
    ...['-global', 'virtio-mmio.force-legacy=false'],
    ...['-accel', 'kvm', '-cpu', 'host', '-m', `${memoryMib}M`],
    ...['-smp', `${cpuCount(topology)},sockets=${llcs},cores=${cores},threads=${threads}`],
    ...['-kernel', kernelImage, '-initrd', initrd, '-append', cmdline],
    ...file('com1'),
    ...file('com2'),
    ...file('port'),
    ...['-device', 'isa-serial,index=0,chardev=com1', '-device', 'isa-serial,index=1,chardev=com2'],
    ...['-device', 'virtio-serial-device,max_ports=2', '-device', 'virtserialport,nr=1,chardev=port,name=ktstr'],
  ];
}

function line(): FileStream {
  return new FileStream(LIMIT_BYTES, () => {
    throw new Error('the guest writes without end');
  });
}
