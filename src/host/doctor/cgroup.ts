import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missing, ok, warn, type Judgement } from './check';

/** What a scheduler's cgroups are made of; a guest has them on its own. */
const WANTED = ['cpu', 'cpuset'];

const UNIFIED = 'boot with systemd.unified_cgroup_hierarchy=1';

export interface CgroupMount {
  folder: string;
  /** Moving a task between cgroups is quick, fork and exec are a little slower: Documentation/admin-guide/cgroup-v2.rst. */
  favordynmods: boolean;
}

/** Where cgroup v2 is mounted, by the text of /proc/self/mounts; null when it is nowhere. */
export function cgroupMount(mounts: string): CgroupMount | null {
  for (const line of mounts.split('\n')) {
    const [, folder, type, options = ''] = line.split(' ');
    if (type !== 'cgroup2' || folder === undefined) continue;
    return { folder: unescaped(folder), favordynmods: options.split(',').includes('favordynmods') };
  }
  return null;
}

/** Blanks and the like stand as backslash and three octal digits: fs/proc_namespace.c. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

export function judgeCgroup(mount: CgroupMount | null, controllers: readonly string[]): Judgement {
  if (mount === null)
    return missing('cgroup v2 is not mounted (guests have their own)', UNIFIED, { mount: null, controllers: [] });
  const facts = { mount: mount.folder, controllers, favordynmods: mount.favordynmods };
  const absent = WANTED.filter((name) => !controllers.includes(name));
  const at = `v2 at ${mount.folder}`;
  if (absent.length > 0)
    return warn(`${at} without ${absent.join(' and ')}, which v1 holds (guests have their own)`, UNIFIED, facts);
  return ok(`${at}: ${controllers.join(' ')}; favordynmods is ${mount.favordynmods ? 'on' : 'off'}`, facts);
}

/** Judges the host on which this runs. */
export function judgeHostCgroup(): Judgement {
  const mount = cgroupMount(readFileSync('/proc/self/mounts', 'utf8'));
  return judgeCgroup(mount, mount === null ? [] : controllersOf(mount.folder));
}

function controllersOf(folder: string): string[] {
  try {
    return readFileSync(join(folder, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}
