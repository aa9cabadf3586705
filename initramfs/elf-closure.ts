import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HarnessError, isHarnessError } from '../src/errors';
import { type ElfFile, readElf } from './elf';
import { expandOrigin, splitSearchPath, systemDirectories } from './loader-directories';

export interface ElfClosure {
  /** Guest path of the dynamic loader; null for a static file, which has no closure. */
  interpreter: string | null;
  /** The loader and all libraries, without the executable. `guestPath` is where the loader will look; `hostPath` has no links. */
  files: { hostPath: string; guestPath: string }[];
  /**
   * Guest directories, in search order, where libraries were found by the system's configuration. A guest without ld.so.cache finds them
   * there when LD_LIBRARY_PATH names them, whatever directories its loader has built in.
   */
  libraryDirs: string[];
}

export interface ClosureOptions {
  /** Where the executable will be in the guest, for `$ORIGIN`; default its own path. */
  guestPath?: string;
  /** Stands before the system's directories on the host, as for a mounted file system; default `/`. */
  root?: string;
}

interface Directory {
  host: string;
  guest: string;
  isSystem: boolean;
}

/** A file that the loader has mapped. `loader` is the one that needed it. */
interface Loaded {
  elf: ElfFile;
  hostPath: string;
  guestPath: string;
  loader: Loaded | null;
}

/**
 * What an executable needs to start, found as glibc's loader finds it (ld.so(8)), from the files alone: breadth first, each library
 * once, in the order RPATH of the needing file and of those that needed it, RUNPATH, ld.so.conf, built-in directories.
 * LD_LIBRARY_PATH and the variants for newer CPUs (glibc-hwcaps) are left out, as the guest's CPU is not the host's.
 * @throws HarnessError `elf-invalid` or `library-missing`
 */
export function elfClosure(executable: string, options: ClosureOptions = {}): ElfClosure {
  return new Closure(resolve(executable), options).build();
}

class Closure {
  readonly #main: Loaded;
  readonly #root: string;
  readonly #system: Directory[];
  readonly #files = new Map<string, string>();
  readonly #loadedNames = new Set<string>();
  readonly #usedDirectories = new Set<string>();

  constructor(executable: string, options: ClosureOptions) {
    this.#root = options.root ?? '/';
    const elf = readElf(executable);
    // The kernel resolves links before the loader takes $ORIGIN from the path.
    const guestPath = options.guestPath ?? executable;
    this.#main = { elf, hostPath: realpathSync(executable), guestPath, loader: null };
    this.#system = systemDirectories(elf.machine, this.#root).map((guest) => ({
      host: join(this.#root, guest),
      guest,
      isSystem: true,
    }));
  }

  build(): ElfClosure {
    const { interpreter } = this.#main.elf;
    if (interpreter !== null) this.#addInterpreter(interpreter);
    const queue = [this.#main];
    for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
      for (const name of object.elf.needed) {
        if (this.#loadedNames.has(name)) continue;
        queue.push(this.#load(name, object));
      }
    }
    return {
      interpreter,
      files: [...this.#files].map(([guestPath, hostPath]) => ({ hostPath, guestPath })),
      libraryDirs: this.#system.map(({ guest }) => guest).filter((guest) => this.#usedDirectories.has(guest)),
    };
  }

  #addInterpreter(interpreter: string): void {
    const hostPath = join(this.#root, interpreter);
    if (!existsSync(hostPath)) throw this.#missing(interpreter, this.#main, [interpreter]);
    this.#files.set(interpreter, realpathSync(hostPath));
    this.#loadedNames.add(basename(interpreter));
    const { soname } = readElf(hostPath);
    if (soname !== null) this.#loadedNames.add(soname);
  }

  #load(name: string, needing: Loaded): Loaded {
    const tried: string[] = [];
    for (const directory of this.#searchOrder(name, needing)) {
      const hostPath = join(directory.host, basename(name));
      const elf = existsSync(hostPath) ? this.#readFitting(hostPath) : null;
      tried.push(elf === undefined ? `${hostPath} (not for this machine)` : hostPath);
      if (elf === null || elf === undefined) continue;
      const guestPath = join(directory.guest, basename(name));
      if (directory.isSystem) this.#usedDirectories.add(directory.guest);
      this.#files.set(guestPath, realpathSync(hostPath));
      this.#loadedNames.add(name);
      if (elf.soname !== null) this.#loadedNames.add(elf.soname);
      return { elf, hostPath, guestPath, loader: needing };
    }
    throw this.#missing(name, needing, tried);
  }

  /** Loaders pass over files of another class or machine, as /usr/lib may hold 32-bit libraries; undefined stands for one. */
  #readFitting(hostPath: string): ElfFile | undefined {
    try {
      const elf = readElf(hostPath);
      return elf.machine === this.#main.elf.machine ? elf : undefined;
    } catch (error) {
      if (isHarnessError(error, 'elf-invalid')) return undefined;
      throw error;
    }
  }

  #searchOrder(name: string, needing: Loaded): Directory[] {
    if (name.includes('/')) {
      const directory = this.#expand(dirname(name), needing);
      return directory === null ? [] : [directory];
    }
    const { runpath } = needing.elf;
    const rpaths = runpath === null ? chainOf(needing).filter(({ elf }) => elf.runpath === null) : [];
    const inherited = rpaths.flatMap((object) => this.#directories(object.elf.rpath, object));
    return [...inherited, ...this.#directories(runpath, needing), ...this.#system];
  }

  #directories(searchPath: string | null, object: Loaded): Directory[] {
    if (searchPath === null) return [];
    const parts = splitSearchPath(searchPath, this.#main.elf.machine);
    return parts.flatMap((part) => this.#expand(part, object) ?? []);
  }

  #expand(directory: string, object: Loaded): Directory | null {
    if (directory.startsWith('/')) {
      return { host: join(this.#root, directory), guest: resolve(directory), isSystem: false };
    }
    if (!directory.startsWith('$')) return null;
    const host = expandOrigin(directory, dirname(object.hostPath));
    return { host, guest: expandOrigin(directory, dirname(object.guestPath)), isSystem: false };
  }

  #missing(soname: string, needing: Loaded, tried: string[]): HarnessError<'library-missing'> {
    return new HarnessError('library-missing', { file: needing.hostPath, soname, tried });
  }
}

/** The object, what needed it, what needed that, up to the executable. */
function chainOf(object: Loaded): Loaded[] {
  return object.loader === null ? [object] : [object, ...chainOf(object.loader)];
}
