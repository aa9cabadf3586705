import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanStore } from '../../../../src/host/kernel/clean';
import { temporaryFolder, writeTree } from './kernel-files';
import { entryFiles } from './stored-blobs';

/** A cache with three kernels, a corrupt entry, and leftovers of killed and failed builds. */
function cacheIn(folder: string): string {
  for (const release of ['6.9.1', '6.12.1', '6.14.0'])
    writeTree(
      join(folder, 'kernels', release),
      entryFiles({ vmlinuz: 'image', 'modules/ring.ko': 'ring' }, { release }),
    );
  writeTree(folder, {
    'kernels/6.1/vmlinuz': 'image',
    'kernels/.scratch-1-0-0123456789ab/vmlinuz': 'image',
    'kernel-builds/.scratch-1-0-0123456789ab/log': '',
    'kernel-builds/0123.lock': '{"pid":1,"startTicks":"0"}',
    'kernel-builds/0123.log': '',
    'kernel-builds/0123.json': '{}',
  });
  return folder;
}

const left = (cache: string) => ['kernels', 'kernel-builds'].map((name) => readdirSync(join(cache, name)).sort());

describe('cleanStore()', () => {
  test.each([
    ['leftovers alone', {}, [], ['6.1', '6.12.1', '6.14.0', '6.9.1']],
    ['all but the first', { keep: 1 }, ['6.12.1', '6.9.1'], ['6.1', '6.14.0']],
    ['all', { keep: 0, corrupt: true }, ['6.14.0', '6.12.1', '6.9.1', '6.1'], []],
    ['what is corrupt', { corrupt: true }, ['6.1'], ['6.12.1', '6.14.0', '6.9.1']],
  ])('removes %s', (...[, options, removed, remaining]) => {
    using folder = temporaryFolder();
    const cache = cacheIn(folder.path);
    expect(cleanStore(cache, options)).toEqual(removed);
    expect(left(cache)).toEqual([remaining, ['0123.json']]);
  });

  test('has nothing to do without a cache', () => {
    expect(cleanStore('/nonexistent/cache', { keep: 0, corrupt: true })).toEqual([]);
  });
});
