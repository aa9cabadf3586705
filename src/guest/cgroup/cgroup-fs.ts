import { existsSync, mkdirSync, readFileSync, rmdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { HarnessError } from '../../errors';
import { scaledMs } from '../../spec/time-scale';

/** The cgroup v2 tree; paths are relative to its root, `''` is the root itself. */
export interface CgroupFs {
  /** Directory of a cgroup as a process sees it. */
  directory(path: string): string;
  has(path: string): boolean;
  /** Makes a cgroup whose parent exists. @throws {HarnessError} `cgroup` */
  create(path: string): void;
  /** Resolves when no process of a cgroup or of those below it lives, at the latest after 5 s. */
  emptied(path: string): Promise<void>;
  /** Removes an empty cgroup. @throws {HarnessError} `cgroup` */
  remove(path: string): void;
  read(path: string, knob: string): string;
  /** @throws {HarnessError} `cgroup` when the kernel refuses the value */
  write(path: string, knob: string, value: string): void;
}

/** Chosen: killed processes are gone within milliseconds once they get a CPU, which a broken scheduler may keep from them. */
const EMPTY_DEADLINE_MS = scaledMs(5_000);

/** @param root where cgroup2 is mounted */
export function realCgroupFs(root = '/sys/fs/cgroup'): CgroupFs {
  const attempt = <T>(action: string, path: string, run: () => T): T => {
    try {
      return run();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new HarnessError('cgroup', { action, cgroup: `/${path}`, reason }, { cause });
    }
  };
  return {
    directory: (path) => join(root, path),
    has: (path) => existsSync(join(root, path)),
    create: (path) => attempt('create', path, () => mkdirSync(join(root, path))),
    emptied: (path) => emptied(join(root, path, 'cgroup.events')),
    remove: (path) => attempt('remove', path, () => rmdirSync(join(root, path))),
    read: (path, knob) => attempt(`read ${knob} of`, path, () => readFileSync(join(root, path, knob), 'utf8').trim()),
    write: (path, knob, value) =>
      attempt(`write "${value}" to ${knob} of`, path, () => writeFileSync(join(root, path, knob), value)),
  };
}

async function emptied(events: string): Promise<void> {
  const isEmpty = (): boolean => !existsSync(events) || !/^populated 1$/m.test(readFileSync(events, 'utf8'));
  if (isEmpty()) return;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      watcher.close();
      resolve();
    };
    const timer = setTimeout(finish, EMPTY_DEADLINE_MS);
    const watcher = watch(events, () => isEmpty() && finish());
    // The last one may have gone between the first look and the watch.
    if (isEmpty()) finish();
  });
}
