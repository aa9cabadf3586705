import { describe, expect, test } from '@jest/globals';
import type { CorruptKernel, StoredKernel } from '../../../../src/host/kernel/store-entry';
import { findByName } from '../../../../src/host/kernel/stored-name';
import { newKernel } from './stored-blobs';

const kernel = (key: string, release: string): StoredKernel => ({
  ...newKernel({ key, release }),
  ...{ sizes: {}, folder: `/cache/${key}` },
});
const BUILT = '6.12.117-linux-source-x86_64-0a1b2c3d';
const TREE = '6.12.117-tree-x86_64-0a1b2c3e';
const kernels = [kernel(BUILT, '6.12.117'), kernel(TREE, '6.12.117'), kernel('6.12.9-cloud', '6.12.9-cloud')];
const corrupt: CorruptKernel[] = [
  { key: '6.1', folder: '/cache/6.1', kind: 'no-metadata', reason: 'it has no metadata.json' },
];

describe('findByName()', () => {
  test.each([
    ['its key', TREE, TREE],
    ['its release', '6.12.9-cloud', '6.12.9-cloud'],
    ['a series, of which it is the first', '6.12', BUILT],
    ['the beginning of its key', '6.12.117-tr', TREE],
  ])('finds a kernel by %s', (_, wanted, key) => {
    expect(findByName({ kernels, corrupt }, wanted)).toMatchObject({ kernel: { key } });
  });

  test.each([
    ['a corrupt entry', '6.1', 'is corrupt: it has no metadata.json'],
    [
      'a release that is only the beginning of another number',
      '6.12.11',
      'neither the path of a file nor a kernel of the cache',
    ],
    ['a slip', '6.12.8-cloud', 'did you mean 6.12.9-cloud?'],
  ])('says why %s is no kernel', (_, wanted, refusal) => {
    expect(findByName({ kernels, corrupt }, wanted)).toMatchObject({ refusal: expect.stringContaining(refusal) });
  });

  test('names the keys when several begin like this', () => {
    const alike = [kernel('6.12.117-tree-x86_64-00', '6.12.117'), kernel('6.12.117-tree-x86_64-01', '6.12.117')];
    const refusal = 'is the beginning of several keys: 6.12.117-tree-x86_64-00, 6.12.117-tree-x86_64-01';
    expect(findByName({ kernels: alike, corrupt: [] }, '6.12.117-tree-x')).toEqual({ refusal });
  });
});
