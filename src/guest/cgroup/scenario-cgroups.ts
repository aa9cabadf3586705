import type { CgroupFs } from './cgroup-fs';

/** Parent of every cgroup that a scenario makes. */
const PARENT = 'ktstr';

/** The cgroups of one scenario. Disposing of it removes them, the innermost first, as soon as the last process in each is gone. */
export class ScenarioCgroups implements AsyncDisposable {
  readonly #fs: CgroupFs;
  readonly #created: string[] = [];
  readonly #controllers: readonly string[];

  /** @param controllers enabled on the way down to each cgroup */
  constructor(fs: CgroupFs, controllers: readonly string[]) {
    this.#fs = fs;
    this.#controllers = controllers;
  }

  /** Makes a cgroup, with its parents, and returns its directory. */
  create(name: string): string {
    const path = `${PARENT}/${name}`;
    const parts = path.split('/');
    for (let depth = 0; depth < parts.length; depth++) {
      this.#enableControllers(parts.slice(0, depth).join('/'));
      const at = parts.slice(0, depth + 1).join('/');
      if (this.#fs.has(at)) continue;
      this.#fs.create(at);
      this.#created.push(at);
    }
    return this.#fs.directory(path);
  }

  write(name: string, knob: string, value: string): void {
    this.#fs.write(`${PARENT}/${name}`, knob, value);
  }

  /** cgroup v2 hands a controller down only where the parent's subtree_control lists it. */
  #enableControllers(path: string): void {
    const enabled = new Set(this.#fs.read(path, 'cgroup.subtree_control').split(' '));
    for (const controller of this.#controllers) {
      if (!enabled.has(controller)) this.#fs.write(path, 'cgroup.subtree_control', `+${controller}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#created.splice(0).reverse()) {
      await this.#fs.emptied(path);
      this.#fs.remove(path);
    }
  }
}
