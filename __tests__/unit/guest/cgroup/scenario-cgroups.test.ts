import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CgroupFs } from '../../../../src/guest/cgroup/cgroup-fs';
import { ScenarioCgroups } from '../../../../src/guest/cgroup/scenario-cgroups';

const SUBTREE = 'cgroup.subtree_control';

/** A cgroup tree in memory that notes what is done to it, and has a controller in a cgroup only where its parent hands it down. */
class RecordingCgroupFs implements CgroupFs {
  readonly log: string[] = [];
  readonly #enabled = new Map<string, Set<string>>([['', new Set(['memory'])]]);

  directory = (path: string): string => `/sys/fs/cgroup/${path}`;
  has = (path: string): boolean => this.#enabled.has(path);
  read = (path: string): string => [...this.#of(path)].join(' ');

  emptied = (path: string): Promise<void> => Promise.resolve(void this.log.push(`emptied ${path}`));

  create(path: string): void {
    if (!this.has(parentOf(path))) throw new Error(`${path} has no parent`);
    this.#enabled.set(path, new Set());
    this.log.push(`create ${path}`);
  }

  remove(path: string): void {
    const inner = [...this.#enabled.keys()].find((other) => parentOf(other) === path && other !== '');
    if (inner !== undefined) throw new Error(`${path} is not empty`);
    this.#enabled.delete(path);
    this.log.push(`remove ${path}`);
  }

  write(path: string, knob: string, value: string): void {
    this.log.push(`${path}/${knob} ${value}`);
    if (knob !== SUBTREE) return;
    const controller = value.slice(1);
    const isHandedDown = path === '' || this.#of(parentOf(path)).has(controller);
    if (!isHandedDown) throw new Error(`${path} does not have ${controller}`);
    this.#of(path).add(controller);
  }

  #of(path: string): Set<string> {
    const enabled = this.#enabled.get(path);
    if (!enabled) throw new Error(`there is no ${path}`);
    return enabled;
  }
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

let fs: RecordingCgroupFs;

beforeEach(() => {
  fs = new RecordingCgroupFs();
});

describe('ScenarioCgroups', () => {
  test('makes a cgroup below its own, handing its controllers down to it but not on from it', () => {
    const cgroups = new ScenarioCgroups(fs, ['cpuset', 'cpu']);
    expect(cgroups.create('a')).toBe('/sys/fs/cgroup/ktstr/a');
    expect(fs.log).toEqual([
      ...[`/${SUBTREE} +cpuset`, `/${SUBTREE} +cpu`, 'create ktstr'],
      ...[`ktstr/${SUBTREE} +cpuset`, `ktstr/${SUBTREE} +cpu`, 'create ktstr/a'],
    ]);
  });

  test('does nothing again that was done', () => {
    const cgroups = new ScenarioCgroups(fs, ['memory', 'cpu']);
    cgroups.create('a');
    const { length } = fs.log;
    cgroups.create('a');
    cgroups.create('b');
    expect(fs.log.slice(length)).toEqual(['create ktstr/b']);
    expect(fs.log).not.toContain(`/${SUBTREE} +memory`);
  });

  test('makes the parents of a nested cgroup', () => {
    const cgroups = new ScenarioCgroups(fs, ['cpu']);
    expect(cgroups.create('a/b')).toBe('/sys/fs/cgroup/ktstr/a/b');
    expect(fs.log.slice(-3)).toEqual(['create ktstr/a', `ktstr/a/${SUBTREE} +cpu`, 'create ktstr/a/b']);
  });

  test('writes to the cgroup of a name', () => {
    const cgroups = new ScenarioCgroups(fs, []);
    cgroups.create('a');
    cgroups.write('a', 'cpuset.cpus', '0-1');
    expect(fs.log.at(-1)).toBe('ktstr/a/cpuset.cpus 0-1');
  });

  test('removes what it made once it is empty, the innermost first, and leaves what was there', async () => {
    fs.create('ktstr');
    fs.create('ktstr/old');
    fs.log.length = 0;
    {
      await using cgroups = new ScenarioCgroups(fs, []);
      for (const name of ['a/b', 'c', 'old']) cgroups.create(name);
    }
    expect(fs.log.slice(-6)).toEqual([
      ...['emptied ktstr/c', 'remove ktstr/c'],
      ...['emptied ktstr/a/b', 'remove ktstr/a/b'],
      ...['emptied ktstr/a', 'remove ktstr/a'],
    ]);
  });
});
