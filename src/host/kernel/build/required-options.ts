import { HarnessError } from '../../../errors';
import { configValues } from '../config-text';
import { dependenciesOf, type ReadKconfig } from './kconfig';
import { unmetDependencies } from './kconfig-expression';

/** What a guest cannot do without; of several in one line, one is enough. They are built in, as the guest loads no modules of a built kernel. */
export const REQUIRED_OPTIONS: readonly { anyOf: readonly string[]; why: string }[] = [
  { anyOf: ['64BIT'], why: 'Node is a program of 64 bits' },
  { anyOf: ['SMP'], why: 'schedulers are tested on several CPUs' },
  { anyOf: ['PVH'], why: 'machines enter the kernel at its PVH entry' },
  { anyOf: ['BLK_DEV_INITRD'], why: 'the guest image is an initramfs' },
  { anyOf: ['RD_LZ4'], why: 'the guest image is packed with lz4' },
  { anyOf: ['BINFMT_ELF'], why: 'programs of the guest are ELF files' },
  { anyOf: ['SERIAL_8250_CONSOLE'], why: 'the console of the guest is a serial port' },
  { anyOf: ['VIRTIO_CONSOLE'], why: 'results leave the guest through a virtio port' },
  { anyOf: ['VIRTIO_MMIO', 'VIRTIO_PCI'], why: 'virtio devices sit on one of the two buses' },
  { anyOf: ['DEVTMPFS'], why: 'the guest finds its devices in /dev' },
  { anyOf: ['PROC_FS'], why: 'workers are observed in /proc' },
  { anyOf: ['SYSFS'], why: 'topology and sched_ext are read in /sys' },
  { anyOf: ['TMPFS'], why: 'the guest writes to /tmp' },
  { anyOf: ['FUTEX'], why: 'Node has threads' },
  { anyOf: ['EPOLL'], why: 'Node waits with it' },
  { anyOf: ['EVENTFD'], why: 'Node wakes its threads with it' },
  { anyOf: ['TIMERFD'], why: 'workers keep time with it' },
  { anyOf: ['SIGNALFD'], why: 'workers are told to stop through it' },
  { anyOf: ['HIGH_RES_TIMERS'], why: 'gaps are measured in less than a tick' },
  { anyOf: ['UNIX'], why: 'processes of the guest talk through sockets' },
  { anyOf: ['CGROUPS'], why: 'workers run in cgroups' },
  { anyOf: ['CPUSETS'], why: 'cgroups are bound to CPUs' },
  { anyOf: ['CGROUP_SCHED'], why: 'cgroups have weights' },
  { anyOf: ['KALLSYMS'], why: 'the monitor finds symbols in it' },
  { anyOf: ['VMCORE_INFO'], why: 'the monitor finds the kernel in memory by it' },
  { anyOf: ['BPF_SYSCALL'], why: 'sched_ext schedulers are BPF programs' },
  { anyOf: ['BPF_JIT'], why: 'sched_ext needs compiled BPF programs' },
  { anyOf: ['DEBUG_INFO_BTF'], why: 'schedulers and the monitor read types from BTF' },
  { anyOf: ['SCHED_CLASS_EXT'], why: 'it is sched_ext' },
  { anyOf: ['FTRACE'], why: 'sched_ext writes its dump to a trace event' },
  { anyOf: ['KPROBE_EVENTS'], why: 'probes are put on kernel functions' },
  { anyOf: ['BPF_EVENTS'], why: 'BPF programs are attached to trace events' },
];

/** What a fragment of the user asks for. */
export interface AskedOption {
  option: string;
  value: string;
  fragment: string;
}

/**
 * Checks a final configuration, which silently lacks what was asked for when a dependency is not met.
 * @throws HarnessError `kernel-config-incomplete` with the unmet dependency of each missing option
 */
export function checkOptions(config: string, asked: readonly AskedOption[], read: ReadKconfig): void {
  const values = configValues(config);
  const required = REQUIRED_OPTIONS.filter(({ anyOf }) => !anyOf.some((option) => values.get(option) === 'y'));
  const lost = asked.filter(({ option, value }) => values.get(option) !== value);
  if (required.length + lost.length === 0) return;
  const missing = required.map(({ anyOf, why }) => ({
    option: anyOf.map((option) => `CONFIG_${option}`).join(' or '),
    why,
    because: anyOf.map((option) => whyUnset(option, values, read)).join('; '),
  }));
  const ignored = lost.map(({ option, value, fragment }) => ({
    option: `CONFIG_${option}=${value}`,
    why: `asked for in ${fragment}`,
    because: whyUnset(option, values, read),
  }));
  throw new HarnessError('kernel-config-incomplete', { missing: [...missing, ...ignored] });
}

/** What the fragments set, the last one counts; options that they switch off are not among it. */
export function askedOptions(fragments: readonly { path: string; text: string }[]): AskedOption[] {
  const asked = new Map<string, AskedOption>();
  for (const { path, text } of fragments) {
    for (const [, off = ''] of text.matchAll(/^# CONFIG_(\w+) is not set$/gm)) asked.delete(off);
    for (const [option, value] of configValues(text)) asked.set(option, { option, value, fragment: path });
  }
  return [...asked.values()].filter(({ value }) => value !== 'n');
}

function whyUnset(option: string, values: Map<string, string>, read: ReadKconfig): string {
  const value = values.get(option);
  if (value === 'm') return 'it is a module (=m), and has to be built in (=y)';
  if (value !== undefined) return `it is ${value}`;
  const definitions = dependenciesOf(option, read);
  if (definitions.length === 0) return `this source has no ${option}`;
  const unmet = definitions.map((expressions) =>
    expressions.flatMap((expression) => {
      const reasons = unmetDependencies(expression, values);
      return reasons.length === 0
        ? []
        : [`it depends on ${expression.trim()}, and ${[...new Set(reasons)].join(', ')}`];
    }),
  );
  const met = unmet.find((reasons) => reasons.length === 0);
  if (met !== undefined)
    return 'all that it depends on is set, but it is not: no fragment sets it, or it cannot be set by one';
  return unmet[0]?.join('; ') ?? '';
}
