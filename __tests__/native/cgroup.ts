import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** Why this host has no place for cgroups of a test, or where that place is. */
export type CgroupPlace = { dir: string } | { reason: string };

/** Finds the mount of cgroup v2 and tries to make a cgroup there. */
export function findCgroupPlace(): CgroupPlace {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const dir = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1];
  if (dir === undefined) return { reason: 'cgroup v2 is not mounted' };
  try {
    rmdirSync(mkdtempSync(join(dir, 'ktstr-test-')));
  } catch (error) {
    return { reason: `no cgroup can be made in ${dir}: ${String(error)}` };
  }
  return { dir };
}

/** A cgroup without controllers; disposing of it removes it, which needs it to be empty. */
export class TestCgroup implements Disposable {
  readonly dir: string;

  constructor(place: string) {
    this.dir = mkdtempSync(join(place, 'ktstr-test-'));
  }

  pidsIn(): number[] {
    const lines = readFileSync(join(this.dir, 'cgroup.procs'), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map(Number);
  }

  [Symbol.dispose](): void {
    rmdirSync(this.dir);
  }
}
