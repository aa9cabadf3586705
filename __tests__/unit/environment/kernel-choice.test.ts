import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseKernels } from '../../../environment/kernel-choice';
import { bzImage } from '../host/kernel/kernel-blobs';
import { temporaryFolder, writeTree } from '../host/kernel/kernel-files';

let folder: ReturnType<typeof temporaryFolder>;
const at = (name: string): string => join(folder.path, name);

beforeEach(() => {
  folder = temporaryFolder();
  writeTree(folder.path, {
    old: bzImage('6.12.1'),
    new: bzImage('6.18.2'),
    other: Buffer.concat([bzImage('6.12.1'), Buffer.alloc(1)]),
  });
  copyFileSync(at('old'), at('copy'));
});
afterEach(() => folder[Symbol.dispose]());

async function choose(option: string[], variable?: string): Promise<{ labels: [string, string][]; only?: string }> {
  const env = variable === undefined ? {} : { KTSTR_KERNEL: variable };
  const { labels, only } = await chooseKernels(option, { cacheDir: at('cache'), env });
  return { labels: [...labels], ...(only === undefined ? {} : { only }) };
}

describe('chooseKernels()', () => {
  test.each([undefined, '/somewhere/bzImage'])(
    'leaves no kernel, and the one of KTSTR_KERNEL=%s, to the usual lookup',
    async (variable) => {
      expect(await choose([], variable)).toEqual({ labels: [] });
    },
  );

  test('lets KTSTR_KERNEL win with one kernel as with several', async () => {
    expect(await choose([at('old'), at('new')], at('new'))).toEqual({ labels: [] });
    const labels = [
      ['6.18.2', at('new')],
      ['6.12.1', at('old')],
    ];
    expect(await choose(['9.99'], ` ${at('new')} ,${at('old')},`)).toEqual({ labels });
  });

  test('has one kernel without a label', async () => {
    expect(await choose([at('old')])).toEqual({ labels: [], only: at('old') });
    expect(await choose([at('old'), at('./old')])).toEqual({ labels: [], only: at('old') });
    expect(await choose([], `${at('old')},`)).toEqual({ labels: [], only: at('old') });
  });

  test('labels kernels by their release', async () => {
    expect((await choose([at('old'), at('new')])).labels.map(([label]) => label)).toEqual(['6.12.1', '6.18.2']);
  });

  test('makes the labels of kernels of one release unique', async () => {
    const labels = (await choose([at('old'), at('copy'), at('other'), at('new')])).labels.map(([label]) => label);
    const digest = expect.stringMatching(/^6\.12\.1 [0-9a-f]{8}$/);
    expect(labels).toEqual([digest, `${labels[0]} #2`, digest, '6.18.2']);
    expect(new Set(labels).size).toBe(4);
  });

  test.each([
    ['option kernel 9.99', ['9.99'], undefined],
    ['KTSTR_KERNEL 9.99', [], '9.99,6.12'],
  ])('fails when a kernel is not there, at "%s"', async (place, option, variable) => {
    await expect(choose(option, variable)).rejects.toMatchObject({
      code: 'kernel-not-found',
      fields: { tried: expect.arrayContaining([expect.objectContaining({ place })]) },
    });
  });
});
