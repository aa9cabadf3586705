import { existsSync, statSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, extname, join } from 'node:path';
import { memoised } from './memo';
import { neededModules, WANTED_MODULES, type ModuleToLoad } from './needed-modules';

/** Files that package and kernel tools write anew whenever the modules of a tree change. */
const TREE_FILES = ['modules.builtin', 'modules.order', 'modules.dep'];

/**
 * Host paths of the modules that a kernel outside of the cache needs, in load order; compressed ones are unpacked into the cache.
 * A kernel without a module tree, as one built with everything in, needs none.
 */
export async function modulesBeside(
  kernel: { image: string; release: string; digest: string },
  places: { cacheDir: string; modulesDir: string },
): Promise<{ modules: string[]; absent: string[] }> {
  const tree = moduleTree(kernel, places.modulesDir);
  if (tree === undefined) return { modules: [], absent: [] };
  const stamp = `${kernel.digest} ${tree} ${TREE_FILES.map((name) => modificationTime(join(tree, name))).join(' ')}`;
  const key = { cacheDir: places.cacheDir, subject: `modules ${kernel.image}`, stamp };
  const folder = join(places.cacheDir, 'kernel-modules', kernel.digest);
  return memoised(
    key,
    async () => {
      const { load, absent } = await neededModules(tree, WANTED_MODULES);
      const modules: string[] = [];
      for (const module of load) modules.push(await uncompressedFile(module, folder));
      return { modules, absent };
    },
    (value) => value.modules.every((file) => existsSync(file)),
  );
}

/** The host's tree of that release, one unpacked together with the image, or the build folder that the image lies in. */
function moduleTree({ image, release }: { image: string; release: string }, modulesDir: string): string | undefined {
  const folder = dirname(image);
  return [
    join(folder, 'lib/modules', release),
    join(folder, '../lib/modules', release),
    join(folder, '../usr/lib/modules', release),
    join(folder, '../../..'),
    folder,
    join(modulesDir, release),
  ].find((tree) => existsSync(join(tree, 'modules.builtin')));
}

async function uncompressedFile(module: ModuleToLoad, folder: string): Promise<string> {
  if (extname(module.path) === '.ko') return module.path;
  const file = join(folder, `${module.name}.ko`);
  const temporary = `${file}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  await writeFile(temporary, module.elf);
  await rename(temporary, file);
  return file;
}

function modificationTime(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
