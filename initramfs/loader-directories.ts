import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

const EM_X86_64 = 62;
const EM_AARCH64 = 183;

interface Platform {
  /** What `$PLATFORM` stands for. */
  name: string;
  /** Names of library directories, the first one is what `$LIB` stands for on Debian, the others elsewhere. */
  libNames: string[];
}

const PLATFORMS: Record<number, Platform> = {
  [EM_X86_64]: { name: 'x86_64', libNames: ['lib/x86_64-linux-gnu', 'lib64', 'lib'] },
  [EM_AARCH64]: { name: 'aarch64', libNames: ['lib/aarch64-linux-gnu', 'lib64', 'lib'] },
};

const UNKNOWN_PLATFORM: Platform = { name: 'unknown', libNames: ['lib64', 'lib'] };
const MAX_INCLUDE_DEPTH = 8;

/**
 * Where a loader looks when neither RPATH nor RUNPATH has the library: the directories of ld.so.conf, which stand for the cache that
 * ldconfig makes of them, then the ones built into loaders. `root` stands before every path that is read.
 */
export function systemDirectories(machine: number, root: string): string[] {
  const builtIn = platformOf(machine).libNames.flatMap((name) => [`/${name}`, `/usr/${name}`]);
  // musl looks there, glibc has it in ld.so.conf where it is wanted.
  return [...new Set([...readConf('/etc/ld.so.conf', root, 0), ...builtIn, '/usr/local/lib'])];
}

/** The directories of a RPATH or RUNPATH. `$ORIGIN` is left to the caller; parts relative to a working directory are left out. */
export function splitSearchPath(searchPath: string, machine: number): string[] {
  const { name, libNames } = platformOf(machine);
  return searchPath
    .split(':')
    .map((part) => part.replace(/\$(PLATFORM\b|\{PLATFORM\})/g, name))
    .flatMap((part) => (HAS_LIB.test(part) ? libNames.map((lib) => part.replaceAll(EVERY_LIB, lib)) : [part]))
    .filter((part) => part.startsWith('/') || ORIGIN.test(part));
}

export function expandOrigin(directory: string, origin: string): string {
  return resolve(directory.replace(ORIGIN, origin));
}

const ORIGIN = /^\$(ORIGIN\b|\{ORIGIN\})/;
const HAS_LIB = /\$(LIB\b|\{LIB\})/;
const EVERY_LIB = /\$(LIB\b|\{LIB\})/g;

function platformOf(machine: number): Platform {
  return PLATFORMS[machine] ?? UNKNOWN_PLATFORM;
}

function readConf(path: string, root: string, depth: number): string[] {
  const file = join(root, path);
  if (depth > MAX_INCLUDE_DEPTH || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [word = '', ...rest] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (word === 'include') return rest.flatMap((glob) => includes(glob, { path, root, depth }));
    // `hwcap` lines and the `=libc6` that old files append do not change where libraries are.
    return word.startsWith('/') ? [resolve(word.replace(/=.*/, ''))] : [];
  });
}

function includes(glob: string, from: { path: string; root: string; depth: number }): string[] {
  const path = isAbsolute(glob) ? glob : join(dirname(from.path), glob);
  const folder = join(from.root, dirname(path));
  if (!existsSync(folder)) return [];
  const source = basename(path).replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const names = readdirSync(folder).filter((name) => pattern.test(name) && !name.startsWith('.'));
  return names.sort().flatMap((name) => readConf(join(dirname(path), name), from.root, from.depth + 1));
}
