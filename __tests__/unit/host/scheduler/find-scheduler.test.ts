import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { isHarnessError } from '../../../../src/errors';
import { findScheduler, schedulerVariable } from '../../../../src/host/scheduler/find-scheduler';
import { Scheduler } from '../../../../src/spec/scheduler/scheduler';
import { applyUse, PLAIN_USE, type SchedulerProgram } from '../../../../src/spec/scheduler/scheduler-data';
import { temporaryFolder } from '../kernel/kernel-files';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function put(path: string, mode = 0o755): string {
  const file = join(folder.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, mode);
  return file;
}

function programOf(scheduler: Scheduler<never>): SchedulerProgram {
  return applyUse(scheduler.toData(), PLAIN_USE) as SchedulerProgram;
}

const MINE = Scheduler.binary({ name: 'scx_mine' });

function find(scheduler = MINE, env: NodeJS.ProcessEnv = {}): string {
  return findScheduler(programOf(scheduler), {
    rootDir: join(folder.path, 'repo/packages/tests'),
    env: { PATH: join(folder.path, 'path'), ...env },
    kernelSchedulers: join(folder.path, 'kernel/schedulers'),
    ownSchedulers: join(folder.path, 'own'),
  });
}

function triedBy(search: () => unknown): readonly { place: string; found: string }[] {
  try {
    search();
  } catch (error) {
    if (isHarnessError(error, 'scheduler-not-found')) return error.fields.tried;
    throw error;
  }
  throw new Error('it was found');
}

describe('findScheduler()', () => {
  test('goes through its places in order', () => {
    put('repo/.git/HEAD');
    const places = ['path/scx_mine', 'own/scx_mine', 'kernel/schedulers/scx_mine', 'repo/build/scx_mine'];
    const inOrder = [...places, 'repo/packages/tests/build/scx_mine', 'repo/packages/tests/target/release/scx_mine'];
    for (const place of inOrder) {
      const file = put(place);
      expect(find()).toBe(file);
    }
  });

  test('does not look above the repository', () => {
    put('repo/.git/HEAD');
    put('build/scx_mine');
    expect(triedBy(() => find()).length).toBeGreaterThan(5);
  });

  test('takes what the variable names, and nothing in its stead', () => {
    put('path/scx_mine');
    const file = put('elsewhere/mine');
    expect(find(MINE, { KTSTR_SCHEDULER_BIN_SCX_MINE: file })).toBe(file);
    const tried = triedBy(() => find(MINE, { KTSTR_SCHEDULER_BIN_SCX_MINE: '/nowhere' }));
    expect(tried).toEqual([{ place: 'KTSTR_SCHEDULER_BIN_SCX_MINE /nowhere', found: 'is not there' }]);
  });

  test('takes a path relative to the project, and nothing in its stead', () => {
    put('path/scx_mine');
    const scheduler = Scheduler.binary({ name: 'scx_mine', path: 'out/mine' });
    const tried = triedBy(() => find(scheduler));
    expect(tried).toEqual([
      { place: `path ${join(folder.path, 'repo/packages/tests/out/mine')}`, found: 'is not there' },
    ]);
    const file = put('repo/packages/tests/out/mine');
    expect(find(scheduler)).toBe(file);
  });

  test('says why a file is no program', () => {
    put('own/scx_mine', 0o644);
    mkdirSync(join(folder.path, 'path/scx_mine'), { recursive: true });
    const tried = triedBy(() => find());
    expect(tried.find(({ place }) => place.endsWith('own/scx_mine'))?.found).toMatch(/not executable/);
    expect(tried.find(({ place }) => place.endsWith('path/scx_mine'))?.found).toBe('is not a file');
  });
});

test('schedulerVariable() is what a shell can set', () => {
  expect(schedulerVariable('scx_mine-2.x')).toBe('KTSTR_SCHEDULER_BIN_SCX_MINE_2_X');
});
