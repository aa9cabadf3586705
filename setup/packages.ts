import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * `run`: to run tests. `build`: only in a clone, where the native programs are built and all tests are run; an installed package brings
 * them built. `kernel`: to build a kernel. `schedulers`: to build with it the example schedulers of its tree, which it can go without.
 */
export type Purpose = 'run' | 'build' | 'kernel' | 'schedulers';

/** Something outside of npm that has to be on the machine. */
export interface Need {
  /** A command or a file, as it is asked for. */
  what: string;
  why: string;
  /** The Debian package that brings it. */
  debianPackage: string;
  /** Every purpose that it is needed for. */
  when: readonly Purpose[];
  isThere(machine: Machine): boolean;
}

/** Where needs are looked for. */
export interface Machine {
  /** Like the variable PATH. */
  path: string;
  /** `/`, or the folder that stands for it. */
  root: string;
}

/** Folders of firmware: Debian's, those of other distributions, and the one beside a QEMU that was not installed into /usr. */
const FIRMWARE_FOLDERS = ['usr/share/qemu', 'usr/share/seabios', 'usr/share/qemu-kvm', 'usr/local/share/qemu'];

/** From the newest down; the plain name may be an older one, which the build itself finds out. */
const CLANGS = [...[24, 23, 22, 21, 20, 19, 18, 17].map((version) => `clang-${version}`), 'clang'];

const KERNEL_NEEDS: readonly Need[] = [
  kernelCommand('flex', "generates parsers of the kernel's configuration", 'flex'),
  kernelCommand('bison', "generates parsers of the kernel's configuration", 'bison'),
  kernelCommand('bc', "computes constants of the kernel's timekeeping", 'bc'),
  kernelCommand('lz4', 'packs the kernel', 'lz4'),
  kernelCommand('pahole', 'makes the BTF of the kernel', 'dwarves'),
  kernelCommand('python3', "generates the headers of libbpf for the kernel's schedulers", 'python3-minimal'),
  {
    what: 'libelf.h',
    why: 'is read by programs of the kernel build',
    debianPackage: 'libelf-dev',
    when: ['kernel'],
    isThere: ({ root }) => existsSync(join(root, 'usr/include/libelf.h')),
  },
  {
    what: 'clang',
    why: "compiles the kernel's schedulers to BPF; version 17 or later",
    debianPackage: 'clang-19',
    when: ['schedulers'],
    isThere: ({ path }) => CLANGS.some((name) => commandPath(name, path) !== undefined),
  },
];

const NEEDS: readonly Need[] = [
  {
    what: 'qemu-system-x86_64',
    why: 'is the emulated and the deterministic machine',
    debianPackage: 'qemu-system-x86',
    when: ['run'],
    isThere: hasCommand('qemu-system-x86_64'),
  },
  {
    what: 'bios-microvm.bin',
    why: "is the firmware of QEMU's microvm",
    debianPackage: 'seabios',
    when: ['run'],
    isThere: hasFirmware('bios-microvm.bin'),
  },
  {
    what: 'linuxboot_dma.bin',
    why: 'is the option ROM with which QEMU starts a kernel',
    debianPackage: 'qemu-system-data',
    when: ['run'],
    isThere: hasFirmware('linuxboot_dma.bin'),
  },
  {
    what: 'xz',
    why: "unpacks the distribution's kernel source and the modules of its kernel",
    debianPackage: 'xz-utils',
    when: ['run', 'kernel'],
    isThere: hasCommand('xz'),
  },
  {
    what: 'zstd',
    why: "unpacks the distribution's kernel, which then boots a second sooner",
    debianPackage: 'zstd',
    when: ['run'],
    isThere: hasCommand('zstd'),
  },
  {
    what: 'make',
    why: 'builds the native programs and kernels',
    debianPackage: 'make',
    when: ['build', 'kernel'],
    isThere: hasCommand('make'),
  },
  {
    what: 'cc',
    why: 'compiles the native programs and kernels',
    debianPackage: 'gcc',
    when: ['build', 'kernel'],
    isThere: hasCommand('cc'),
  },
  {
    what: 'libc.a',
    why: 'is linked into the programs of the guest and those of the kernel build',
    debianPackage: 'libc6-dev',
    when: ['build', 'kernel'],
    isThere: hasStaticLibc,
  },
  {
    what: 'tmux',
    why: 'is the terminal in which a test runs jest --watch',
    debianPackage: 'tmux',
    when: ['build'],
    isThere: hasCommand('tmux'),
  },
  ...KERNEL_NEEDS,
];

/** What the machine lacks for any of the purposes. */
export function missingNeeds(machine: Machine, purposes: readonly Purpose[]): Need[] {
  return NEEDS.filter((need) => need.when.some((purpose) => purposes.includes(purpose)) && !need.isThere(machine));
}

function kernelCommand(what: string, why: string, debianPackage: string): Need {
  return { what, why, debianPackage, when: ['kernel'], isThere: hasCommand(what) };
}

function hasCommand(name: string): (machine: Machine) => boolean {
  return ({ path }) => commandPath(name, path) !== undefined;
}

function commandPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hasFirmware(name: string): (machine: Machine) => boolean {
  return ({ path, root }) => {
    const qemu = commandPath('qemu-system-x86_64', path);
    const folders = FIRMWARE_FOLDERS.map((folder) => join(root, folder));
    if (qemu !== undefined) folders.push(join(dirname(qemu), '../share/qemu'));
    return folders.some((folder) => existsSync(join(folder, name)));
  };
}

function hasStaticLibc({ root }: Machine): boolean {
  const folders = ['usr/lib', 'usr/lib64', 'lib', 'lib64'].map((folder) => join(root, folder));
  // Debian keeps libraries in a folder per architecture.
  const perArchitecture = readdirIfThere(join(root, 'usr/lib')).map((name) => join(root, 'usr/lib', name));
  return [...folders, ...perArchitecture].some((folder) => existsSync(join(folder, 'libc.a')));
}

function readdirIfThere(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
