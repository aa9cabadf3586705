import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * `run`: to run tests. `build`: only in a clone, where the native programs are built and all tests are run; an installed package brings
 * them built. `kernel`: to build a kernel. `schedulers`: to build with it the example schedulers of its tree, which it can go without.
 * `bench`: a peer of a benchmark, fetched when that is run.
 */
export type Purpose = 'run' | 'build' | 'kernel' | 'schedulers' | 'bench';

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
  /** Where it is, of what is neither a command of that name nor a file of QEMU's firmware. */
  place?(machine: Machine): string | undefined;
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

/** The first that compiles the schedulers of a 6.12 kernel's tools/sched_ext. */
const OLDEST_CLANG = 17;
/** One version, so that a fuzzer's figures can be compared; native/fuzz/rules.mk names it, too. */
const FUZZ_COMPILER = 'clang-19';
const LIBELF_HEADER = 'usr/include/libelf.h';

const KERNEL_NEEDS: readonly Need[] = [
  kernelCommand('flex', "generates parsers of the kernel's configuration", 'flex'),
  kernelCommand('bison', "generates parsers of the kernel's configuration", 'bison'),
  kernelCommand('bc', "computes constants of the kernel's timekeeping", 'bc'),
  kernelCommand('lz4', 'packs the kernel', 'lz4'),
  {
    what: 'pahole',
    why: 'makes the BTF of the kernel, and says in a test what it reads there',
    debianPackage: 'dwarves',
    when: ['build', 'kernel'],
    isThere: hasCommand('pahole'),
  },
  kernelCommand('python3', "generates the headers of libbpf for the kernel's schedulers", 'python3-minimal'),
  {
    what: 'libelf.h',
    why: 'is read by programs of the kernel build',
    debianPackage: 'libelf-dev',
    when: ['kernel'],
    isThere: ({ root }) => existsSync(join(root, LIBELF_HEADER)),
    place: ({ root }) => join(root, LIBELF_HEADER),
  },
  {
    what: 'clang',
    why: `compiles the kernel's schedulers to BPF; from version ${OLDEST_CLANG} on`,
    debianPackage: 'clang-19',
    when: ['schedulers'],
    isThere: ({ path }) => clangPath(path) !== undefined,
    place: ({ path }) => clangPath(path),
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
    isThere: (machine) => staticLibcPath(machine) !== undefined,
    place: staticLibcPath,
  },
  {
    what: 'tmux',
    why: 'is the terminal in which a test runs jest --watch',
    debianPackage: 'tmux',
    when: ['build'],
    isThere: hasCommand('tmux'),
  },
  {
    what: 'iasl',
    why: 'reads the ACPI tables of the KVM machine in a test',
    debianPackage: 'acpica-tools',
    when: ['build'],
    isThere: hasCommand('iasl'),
  },
  {
    what: 'bpftool',
    why: 'says in a test what a guest itself sees of its BPF maps and programs',
    debianPackage: 'bpftool',
    when: ['build'],
    isThere: (machine) => bpftoolPath(machine) !== undefined,
    place: bpftoolPath,
  },
  {
    what: FUZZ_COMPILER,
    why: 'compiles the fuzzers of the KVM machine',
    debianPackage: 'clang-19',
    when: ['build'],
    isThere: hasCommand(FUZZ_COMPILER),
  },
  {
    what: 'libFuzzer',
    why: `is linked into the fuzzers of the KVM machine, with the sanitizers of ${FUZZ_COMPILER}`,
    debianPackage: 'libclang-rt-19-dev',
    when: ['build'],
    isThere: (machine) => libFuzzerPath(machine) !== undefined,
    place: libFuzzerPath,
  },
  {
    what: 'drgn',
    why: 'is the peer of a benchmark of the monitor, as a module of python3',
    debianPackage: 'python3-drgn',
    when: ['bench'],
    isThere: (machine) => drgnPath(machine) !== undefined,
    place: drgnPath,
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

/** Everything that is needed for one thing or another, with its place; undefined when the machine lacks it. */
export function placedNeeds(machine: Machine): { need: Need; place: string | undefined }[] {
  return NEEDS.map((need) => ({ need, place: need.isThere(machine) ? placeOf(need, machine) : undefined }));
}

function placeOf(need: Need, machine: Machine): string {
  return need.place?.(machine) ?? commandPath(need.what, machine.path) ?? firmwarePath(need.what, machine) ?? need.what;
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

/** A clang that is new enough, by the version in the name of its file: LLVM installs `clang` as a link to `clang-<major>`. */
function clangPath(path: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const versioned = folders
    .flatMap((folder) => readdirIfThere(folder).map((name) => join(folder, name)))
    .filter((file) => majorOf(file) >= OLDEST_CLANG && isExecutable(file))
    .sort((a, b) => majorOf(b) - majorOf(a));
  const plain = commandPath('clang', path);
  return plain !== undefined && majorOf(realpathSync(plain)) >= OLDEST_CLANG ? plain : versioned[0];
}

/** NaN when the name has no version. Debian's `clang` leads to a file in a folder of that version: /usr/lib/llvm-19/bin/clang. */
function majorOf(file: string): number {
  const [, name, folder] = /\/clang-(\d+)$|\/llvm-(\d+)\/bin\/clang$/.exec(file) ?? [];
  return Number(name ?? folder);
}

function hasFirmware(name: string): (machine: Machine) => boolean {
  return (machine) => firmwarePath(name, machine) !== undefined;
}

function firmwarePath(name: string, { path, root }: Machine): string | undefined {
  const qemu = commandPath('qemu-system-x86_64', path);
  const folders = FIRMWARE_FOLDERS.map((folder) => join(root, folder));
  if (qemu !== undefined) folders.push(join(dirname(qemu), '../share/qemu'));
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function staticLibcPath({ root }: Machine): string | undefined {
  const folders = ['usr/lib', 'usr/lib64', 'lib', 'lib64'].map((folder) => join(root, folder));
  // Debian keeps libraries in a folder per architecture.
  const perArchitecture = readdirIfThere(join(root, 'usr/lib')).map((name) => join(root, 'usr/lib', name));
  return [...folders, ...perArchitecture].map((folder) => join(folder, 'libc.a')).find((file) => existsSync(file));
}

/** A folder that is not on the PATH of every user. */
function bpftoolPath({ path, root }: Machine): string | undefined {
  return commandPath('bpftool', [path, join(root, 'usr/sbin')].join(delimiter));
}

/** In the folder of clang's resources, whose place and whose names for the architecture differ between distributions. */
function libFuzzerPath({ root }: Machine): string | undefined {
  const resources = ['usr/lib/llvm-19/lib/clang/19/lib', 'usr/lib/clang/19/lib', 'usr/lib64/clang/19/lib'];
  return resources
    .map((folder) => join(root, folder))
    .flatMap((folder) => readdirIfThere(folder).map((architecture) => join(folder, architecture)))
    .flatMap((folder) => ['libclang_rt.fuzzer-x86_64.a', 'libclang_rt.fuzzer.a'].map((name) => join(folder, name)))
    .find((file) => existsSync(file));
}

/** In Debian all versions of Python share a folder; elsewhere each has its own. */
function drgnPath({ root }: Machine): string | undefined {
  return ['usr/lib', 'usr/lib64']
    .map((folder) => join(root, folder))
    .flatMap((folder) => readdirIfThere(folder).map((name) => join(folder, name)))
    .filter((folder) => /\/python3[\d.]*$/.test(folder))
    .flatMap((folder) => ['dist-packages', 'site-packages'].map((name) => join(folder, name, 'drgn/__init__.py')))
    .find((file) => existsSync(file));
}

function readdirIfThere(folder: string): string[] {
  return existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
}
