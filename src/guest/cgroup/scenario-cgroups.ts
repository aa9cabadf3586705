import { Waits } from '../waits';
import type { CgroupFs } from './cgroup-fs';

/** Of scenarios whose scheduler names no other. */
const PARENT = 'ktstr';

/** The cgroups of one scenario. Disposing of it removes them, the innermost first, as soon as the last process in each is gone. */
export class ScenarioCgroups implements AsyncDisposable {
  readonly #fs: CgroupFs;
  readonly #created: string[] = [];
  readonly #controllers: readonly string[];
  readonly #parent: string;
  readonly #waits: Waits;

  /**
   * @param controllers enabled on the way down to each cgroup
   * @param settings `parent`: path of the cgroup in which all of them are made, without the first slash; it is made with the first one.
   * `waits` is told of the ends that are waited for
   */
  constructor(
    fs: CgroupFs,
    controllers: readonly string[],
    { parent = PARENT, waits = new Waits() }: { parent?: string | undefined; waits?: Waits } = {},
  ) {
    this.#fs = fs;
    this.#controllers = controllers;
    this.#parent = parent;
    this.#waits = waits;
  }

  /** Makes a cgroup, with its parents, and returns its directory. */
  create(name: string): string {
    const path = `${this.#parent}/${name}`;
    this.#created.push(...makeCgroup(this.#fs, path, this.#controllers));
    return this.#fs.directory(path);
  }

  write(name: string, knob: string, value: string): void {
    this.#fs.write(`${this.#parent}/${name}`, knob, value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#created.splice(0).reverse()) {
      await this.#waits.during(`the last process in the cgroup /${path} to end`, this.#fs.emptied(path));
      this.#fs.remove(path);
    }
  }
}

/** Makes a cgroup with its parents, handing the controllers down to each. Returns those that were not there, the outermost first. */
export function makeCgroup(fs: CgroupFs, path: string, controllers: readonly string[]): string[] {
  const parts = path.split('/');
  return parts.flatMap((_, depth) => {
    enableControllers(fs, parts.slice(0, depth).join('/'), controllers);
    const at = parts.slice(0, depth + 1).join('/');
    if (fs.has(at)) return [];
    fs.create(at);
    return [at];
  });
}

/** cgroup v2 hands a controller down only where the parent's subtree_control lists it. */
function enableControllers(fs: CgroupFs, path: string, controllers: readonly string[]): void {
  const enabled = new Set(fs.read(path, 'cgroup.subtree_control').split(' '));
  for (const controller of controllers) {
    if (!enabled.has(controller)) fs.write(path, 'cgroup.subtree_control', `+${controller}`);
  }
}
