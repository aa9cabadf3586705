import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HarnessError } from '../../errors';
import { moduleInfo, readModule } from './module-file';

/** What a guest cannot do without, when its kernel does not have it built in. */
export const WANTED_MODULES = [
  // The bus of QEMU's microvm and of our own VMM: every virtio device of theirs sits on it.
  'virtio_mmio',
  // The bus of q35, which is taken when NUMA is asked for.
  'virtio_pci',
  // Port 1 carries the frames.
  'virtio_console',
] as const;

export interface ModuleToLoad {
  /** With underscores, as the kernel prints it. */
  name: string;
  path: string;
  elf: Buffer;
}

export interface NeededModules {
  /** In load order: what a module depends on comes before it. Each once. */
  load: ModuleToLoad[];
  /** Wanted, but neither built in nor in the tree. */
  absent: string[];
}

/**
 * Finds which files of a module tree (the folder with `modules.builtin`) have to be loaded to have the wanted modules.
 * @throws HarnessError `kernel-module-unusable` when a module cannot be read or depends on one that is not there
 */
export async function neededModules(tree: string, wanted: readonly string[]): Promise<NeededModules> {
  const builtin = await builtinNames(tree);
  const files = await moduleFiles(tree);
  const load = new Map<string, ModuleToLoad>();

  const add = async (name: string, path: string): Promise<void> => {
    const elf = await readModule(path);
    for (const dependency of dependenciesOf(elf, path)) {
      if (builtin.has(dependency) || load.has(dependency)) continue;
      const file = files.get(dependency);
      if (file === undefined) {
        const reason = `it depends on ${dependency}, which is neither built in nor under ${tree}`;
        throw new HarnessError('kernel-module-unusable', { path, reason });
      }
      await add(dependency, file);
    }
    load.set(name, { name, path, elf });
  };

  const absent: string[] = [];
  for (const name of wanted.map(kernelName)) {
    if (builtin.has(name) || load.has(name)) continue;
    const file = files.get(name);
    if (file === undefined) absent.push(name);
    else await add(name, file);
  }
  return { load: [...load.values()], absent };
}

function dependenciesOf(elf: Buffer, path: string): string[] {
  return moduleInfo(elf, path)
    .filter(([key]) => key === 'depends')
    .flatMap(([, value]) => value.split(','))
    .filter((name) => name !== '')
    .map(kernelName);
}

async function builtinNames(tree: string): Promise<Set<string>> {
  const lines = (await readFile(join(tree, 'modules.builtin'), 'utf8')).split('\n');
  return new Set(lines.filter((line) => line !== '').map(kernelName));
}

const MODULE_FILE = /\.ko(\.xz|\.gz|\.zst)?$/;

async function moduleFiles(tree: string): Promise<Map<string, string>> {
  const entries = await readdir(tree, { recursive: true });
  return new Map(
    entries.filter((entry) => MODULE_FILE.test(entry)).map((entry) => [kernelName(entry), join(tree, entry)]),
  );
}

/** The kernel treats dashes in module names as underscores. */
function kernelName(pathOrName: string): string {
  return basename(pathOrName).replace(MODULE_FILE, '').replaceAll('-', '_');
}
