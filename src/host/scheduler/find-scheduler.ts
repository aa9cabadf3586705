import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

import { HarnessError } from '../../errors';
import type { SchedulerProgram } from '../../spec/scheduler/scheduler-data';

/** Where programs of schedulers are looked for. */
export interface SchedulerPlaces {
  /** The project's folder, to which paths are relative. */
  rootDir: string;
  env: NodeJS.ProcessEnv;
  /** Folder with the schedulers that were built with the kernel, where there is one. */
  kernelSchedulers: string | null;
  /** Folder of the schedulers that come with this package. */
  ownSchedulers: string;
}

/** Where the builds of C and Rust schedulers leave their programs. */
const BUILD_FOLDERS = ['target/release', 'target/debug', 'build', 'build/bin', 'build/scheds/c', 'bin', 'out'];
/** Chosen: a package of a monorepo lies at most this deep below the folder with the build. */
const MAX_PARENTS = 4;

/**
 * The program of a scheduler: by `KTSTR_SCHEDULER_BIN_<NAME>`, else by the declared path, else by its file name in the build folders of the
 * project and of the folders above it, up to the root of its repository, among the schedulers built with the kernel and those of this
 * package, and on PATH. A place that was asked for by variable or path is never replaced by another.
 * @throws {HarnessError} `scheduler-not-found` naming every place tried
 */
export function findScheduler(program: SchedulerProgram, places: SchedulerPlaces): string {
  const variable = schedulerVariable(program.name);
  const asked = places.env[variable];
  if (asked) return only(program, variable, { place: `${variable} ${asked}`, file: resolve(places.rootDir, asked) });
  if (program.path !== null) {
    const file = resolve(places.rootDir, program.path);
    return only(program, variable, { place: `path ${file}`, file });
  }
  const candidates = candidatesOf(program.discover, places);
  const onPath = pathFolders(places.env).map((folder) => join(folder, program.discover));
  const found = [...candidates, ...onPath].find((file) => whyNot(file) === null);
  if (found !== undefined) return found;
  const refused = onPath.filter((file) => whyNot(file) !== ABSENT);
  const tried = [
    { place: variable, found: 'not set' },
    ...[...candidates, ...refused].map((file) => ({ place: file, found: whyNot(file) ?? 'is there' })),
    ...(places.kernelSchedulers === null
      ? [
          {
            place: 'schedulers built with the kernel',
            found: 'this kernel has none (npx ktstr kernel build makes one that has)',
          },
        ]
      : []),
    { place: `PATH, ${onPath.length} folders`, found: refused.length === 0 ? ABSENT : 'see above' },
  ];
  throw new HarnessError('scheduler-not-found', { scheduler: program.name, variable, tried });
}

/** `KTSTR_SCHEDULER_BIN_SCX_MINE` for `scx_mine`. */
export function schedulerVariable(name: string): string {
  return `KTSTR_SCHEDULER_BIN_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

const ABSENT = 'is not there';

function only(program: SchedulerProgram, variable: string, { place, file }: { place: string; file: string }): string {
  const found = whyNot(file);
  if (found === null) return file;
  throw new HarnessError('scheduler-not-found', { scheduler: program.name, variable, tried: [{ place, found }] });
}

/** Files to look at before PATH, each once. */
function candidatesOf(name: string, places: SchedulerPlaces): string[] {
  const builds = projectFolders(places.rootDir).flatMap((folder) => BUILD_FOLDERS.map((build) => join(folder, build)));
  const folders = [...builds, places.kernelSchedulers, places.ownSchedulers].filter((folder) => folder !== null);
  return [...new Set(folders)].map((folder) => join(folder, name));
}

function pathFolders(env: NodeJS.ProcessEnv): string[] {
  return [...new Set((env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''))];
}

/** The project's folder and those above it, up to the root of the repository. */
function projectFolders(rootDir: string): string[] {
  const folders = [rootDir];
  for (let at = rootDir; folders.length <= MAX_PARENTS && !existsSync(join(at, '.git')); at = dirname(at)) {
    if (dirname(at) === at) return [rootDir];
    folders.push(dirname(at));
  }
  return folders;
}

/** Null for a file that can be executed. */
function whyNot(file: string): string | null {
  try {
    if (!statSync(file).isFile()) return 'is not a file';
    accessSync(file, constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'is not executable for this user' : ABSENT;
  }
}
