import { tscArgument } from '../environment/kernel-command-line';

/** Descriptors that QEMU inherits, by number: the program's two outputs, the lines that init says, the kernel's console. */
export const FD = { out: 3, err: 4, control: 5, console: 6 } as const;
const PORTS = ['out', 'err', 'control'] as const;

/**
 * One. With a host thread each for several, one of them may run code that another has patched since, as kernels do (static keys), and die of
 * a stale INT3, rarely (QEMU 7.2 translates code without a lock on its page). That goes for the guests on KVM as well. Of several that share
 * one host thread, a guest on KVM gets an interrupt while it has them switched off, and waits for its own lock for ever (QEMU 7.2).
 */
const CPUS = 1;
/** For a few guests of half a gigabyte with the processes around them; taken from the host as it is used. */
const MEMORY_MIB = 4096;

/**
 * Chosen. The emulated CPU is slow, and on a busy host much slower, while clocks run on: most of its work would be timers of guests, and what
 * they do in a second would be too little for what is judged there. A kernel that takes its TSC for this many times as fast counts as many
 * seconds of the host for one, and so do its guests. For tests; a benchmark has the host's time.
 */
export const TIME_DILATION = 4;

const KERNEL_ARGUMENTS = [
  'console=ttyS0',
  'rdinit=/init',
  // A kernel that has lost its way ends the machine, which is seen at once.
  'oops=panic',
  'panic=-1',
  'reboot=t',
  'loglevel=5',
  // The emulated TSC is right by construction, and so is the routing of the timer's interrupt.
  'tsc=reliable',
  'no_timer_check',
  // Self-tests and defences that nothing here has a use for, each of them slow on an emulated CPU.
  'cryptomgr.notests',
  'initcall_blacklist=jent_mod_init',
  'init_on_alloc=0',
  'mitigations=off',
];

export interface OuterConfig {
  kernelImage: string;
  initrd: string;
  tscKhz: number;
  /** Seconds of the host in a second of the machine. */
  timeDilation: number;
  sharedFolder: string;
}

/**
 * QEMU's command line, without the program: an emulated CPU with AMD's virtualisation, the host's files read-only and one writable folder.
 */
export function outerArgs(config: OuterConfig): string[] {
  const cmdline = [tscArgument(config.tscKhz * config.timeDilation), ...KERNEL_ARGUMENTS].join(' ');
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', 'microvm,isa-serial=off,auto-kernel-cmdline=off,rtc=on'],
    ...['-global', 'virtio-mmio.force-legacy=false'],
    ...['-accel', 'tcg,thread=single', '-smp', String(CPUS), '-m', `${MEMORY_MIB}M`],
    // Four levels of page tables make a walk through two of them a third shorter; REP MOVSB runs byte by byte here. XSETBV of a guest is not
    // intercepted (QEMU 7.2), so that KVM would not know which state the guest has.
    ...['-cpu', 'max,-la57,-erms,-xsave'],
    ...['-kernel', config.kernelImage, '-initrd', config.initrd, '-append', cmdline],
    ...['-add-fd', `fd=${FD.console},set=0`, '-chardev', 'file,id=console,path=/dev/fdset/0'],
    ...['-device', 'isa-serial,index=0,chardev=console'],
    ...shareArgs('host', '/', true),
    ...shareArgs('shared', config.sharedFolder, false),
    ...['-device', 'virtio-serial-device,max_ports=4'],
    ...PORTS.flatMap((id, index) => [
      ...['-chardev', `socket,id=${id},fd=${FD[id]}`],
      ...['-device', `virtserialport,nr=${index + 1},chardev=${id},name=${id}`],
    ]),
  ];
}

/** Files of the host as this user sees them; several file systems below one folder are told apart. */
function shareArgs(tag: string, path: string, isReadOnly: boolean): string[] {
  const access = isReadOnly ? ',readonly=on' : '';
  return [
    ...['-fsdev', `local,id=${tag},path=${escaped(path)},security_model=none,multidevs=remap${access}`],
    ...['-device', `virtio-9p-device,fsdev=${tag},mount_tag=${tag}`],
  ];
}

/** QEMU takes a doubled comma for one that is part of a value. */
function escaped(value: string): string {
  return value.replaceAll(',', ',,');
}
