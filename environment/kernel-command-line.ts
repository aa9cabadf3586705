import type { TestSpec } from '../src/spec/declare/test-spec';
import type { MachineName } from '../src/host/machine/machine';

const BASE = [
  'console=ttyS0',
  'rdinit=/init',
  // Any panic resets the machine, by the shortest way there is; the host looks into it before.
  'panic=5',
  'reboot=t',
  // Warnings and worse: printing is slow on an emulated UART, and the host looks out for a few of them. The runtime raises the level.
  'loglevel=5',
  // The console verdict tells lines of the kernel from those of programs by their time.
  'printk.time=1',
  // The root file system is never larger than the image, and ramfs does no accounting.
  'rootfstype=ramfs',
  // The emulated TSC is right by construction, and so is the routing of the timer's interrupt.
  'tsc=reliable',
  'no_timer_check',
  // Self-tests of the crypto library: half a second on an emulated CPU, and nothing that a scheduler has to do with.
  'cryptomgr.notests',
  // Of the same kind: the test of a source of jitter, which 150 ms of an emulated CPU go into.
  'initcall_blacklist=jent_mod_init',
  // Distributions zero each page that the kernel allocates, those that the image is unpacked into as well. Pages for user space are zero anyway.
  'init_on_alloc=0',
];

/** Addresses must not vary where runs are to be identical. */
const DETERMINISTIC = ['nokaslr', 'norandmaps'];

/** The rate of the guest's TSC. A guest that has to find it out spends half a second on it, and on a busy host mostly fails. */
export function tscArgument(khz: number): string {
  return `tsc_early_khz=${khz}`;
}

/** The guest's kernel command line: ours, then the sysctls, then the author's arguments, which win where the kernel takes the last. */
export function kernelCommandLine(spec: TestSpec, machine: MachineName): string {
  const sysctls = Object.entries(spec.sysctls).map(
    ([key, value]) => `sysctl.${key}=${/\s/.test(value) ? `"${value}"` : value}`,
  );
  return [...BASE, ...(machine === 'deterministic' ? DETERMINISTIC : []), ...sysctls, ...spec.kernelArgs].join(' ');
}
