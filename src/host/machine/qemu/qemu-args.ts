import { cpuCount, type Topology } from '../../../spec/topology/topology';
import type { MachineConfig } from '../machine';

/**
 * Descriptors that QEMU inherits, by number; `turns` is the library of native/turns, in virtual time only. RAM files follow from `FIRST_RAM_FD`
 * on, one per NUMA node, then those of a probe.
 */
export const FD = { com1: 3, com2: 4, port: 5, log: 6, qmp: 7, turns: 8 } as const;
export const FIRST_RAM_FD = 9;

/** Descriptors of the plugin, native/abi/probe.h. */
export function probeFds({ numaNodes }: Topology): { orders: number; output: number; control: number } {
  const first = FIRST_RAM_FD + numaNodes;
  return { orders: first, output: first + 1, control: first + 2 };
}

export type TimeKind = 'emulated' | 'deterministic';

/** RAM below 4 GiB ends here at the latest: hw/i386/microvm.c and hw/i386/pc_q35.c of QEMU. */
export function lowMemoryLimitBytes(config: Pick<MachineConfig, 'topology' | 'memoryMib'>): number {
  if (config.topology.numaNodes === 1) return 0xc000_0000;
  return config.memoryMib * 1024 * 1024 >= 0xb000_0000 ? 0x8000_0000 : 0xb000_0000;
}

/** Even split with the remainder on the last node. */
export function nodeSizesMib(config: Pick<MachineConfig, 'topology' | 'memoryMib'>): number[] {
  const nodes = config.topology.numaNodes;
  const even = Math.floor(config.memoryMib / nodes);
  return Array.from({ length: nodes }, (_, node) => (node < nodes - 1 ? even : config.memoryMib - even * (nodes - 1)));
}

/**
 * QEMU's command line, without the program. microvm boots fastest but has no NUMA, so q35 stands in when nodes are asked for.
 *
 * @param plugin path of the probe, when there is one
 */
export function qemuArgs(time: TimeKind, config: MachineConfig, plugin?: string): string[] {
  const isNuma = config.topology.numaNodes > 1;
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...machineArgs(time, isNuma),
    ...cpuArgs(time, config.topology),
    ...memoryArgs(config),
    ...['-kernel', config.kernelImage, '-initrd', config.initrd, '-append', config.cmdline],
    ...lineArgs(isNuma),
    ...(plugin === undefined ? [] : probeArgs(plugin, config.topology)),
    ...['-d', 'cpu_reset', '-D', `/proc/self/fd/${FD.log}`],
    ...['-chardev', `socket,id=qmp,fd=${FD.qmp}`, '-mon', 'chardev=qmp,mode=control'],
  ];
}

function machineArgs(time: TimeKind, isNuma: boolean): string[] {
  // A clock that counts virtual time from a fixed date. Without any, the kernel waits for one for two seconds.
  const clock = time === 'deterministic' ? ['-rtc', 'base=2026-01-01T00:00:00,clock=vm'] : [];
  // Modern virtio on the mmio transport; I/O handled in the vCPU that kicked, so that nothing completes asynchronously.
  const virtio = ['-global', 'virtio-mmio.force-legacy=false', '-global', 'virtio-mmio.ioeventfd=off'];
  if (isNuma) return ['-machine', 'q35,usb=off,vmport=off,smbus=off,sata=off', ...clock];
  return ['-machine', 'microvm,isa-serial=off,auto-kernel-cmdline=off,rtc=on', ...clock, ...virtio];
}

/**
 * One LLC per socket. REP MOVSB runs byte by byte on an emulated CPU, so it is not announced as fast. All vcpus share one host thread:
 * with a thread each, a kernel that patches its code (static keys) now and then dies of a stale INT3 on another vcpu, seen in about one
 * boot of thirty with QEMU 7.2.
 */
function cpuArgs(time: TimeKind, topology: Topology): string[] {
  const { llcs, cores, threads } = topology;
  const smp = `${cpuCount(topology)},sockets=${llcs},cores=${cores},threads=${threads}`;
  const shared = ['-smp', smp];
  if (time === 'emulated') return [...shared, '-accel', 'tcg,thread=single', '-cpu', 'max,-erms'];
  // Names of threads are what native/turns goes by. The guest waits for a command: by then QEMU has nothing else to do that is not the guest's.
  const virtualTime = [
    '-accel',
    'tcg,thread=single',
    '-icount',
    'shift=2,sleep=off',
    '-name',
    'debug-threads=on',
    '-S',
  ];
  return [...shared, ...virtualTime, '-cpu', 'max,-erms,-rdrand,-rdseed'];
}

function memoryArgs(config: MachineConfig): string[] {
  const { topology } = config;
  const backends = nodeSizesMib(config).flatMap((sizeMib, node) => [
    '-object',
    `memory-backend-file,id=ram${node},size=${sizeMib}M,mem-path=/proc/self/fd/${FIRST_RAM_FD + node},share=on`,
  ]);
  const total = ['-m', `${config.memoryMib}M`];
  if (topology.numaNodes === 1) return [...backends, ...total, '-machine', 'memory-backend=ram0'];
  return [...backends, ...total, ...numaArgs(topology)];
}

const REMOTE_DISTANCE = 20;

function numaArgs(topology: Topology): string[] {
  const cpusPerNode = cpuCount(topology) / topology.numaNodes;
  const ids = Array.from({ length: topology.numaNodes }, (_, node) => node);
  const nodes = ids.flatMap((node) => [
    '-numa',
    `node,nodeid=${node},cpus=${node * cpusPerNode}-${(node + 1) * cpusPerNode - 1},memdev=ram${node}`,
  ]);
  const distances = ids.flatMap((from) =>
    ids.filter((to) => to !== from).flatMap((to) => ['-numa', `dist,src=${from},dst=${to},val=${REMOTE_DISTANCE}`]),
  );
  return [...nodes, ...distances];
}

function probeArgs(plugin: string, topology: Topology): string[] {
  const fds = Object.entries(probeFds(topology)).map(([name, fd]) => `${name}=${fd}`);
  // In an option of QEMU a comma stands for itself when it is doubled.
  return ['-plugin', [plugin.replaceAll(',', ',,'), ...fds].join(',')];
}

function lineArgs(isNuma: boolean): string[] {
  const file = (id: string, fd: number): string[] => [
    '-add-fd',
    `fd=${fd},set=${fd}`,
    '-chardev',
    `file,id=${id},path=/dev/fdset/${fd}`,
  ];
  return [
    ...file('com1', FD.com1),
    ...file('com2', FD.com2),
    ...file('port', FD.port),
    ...['-device', 'isa-serial,index=0,chardev=com1', '-device', 'isa-serial,index=1,chardev=com2'],
    ...['-device', `${isNuma ? 'virtio-serial-pci' : 'virtio-serial-device'},max_ports=2`],
    ...['-device', 'virtserialport,nr=1,chardev=port,name=ktstr'],
  ];
}
