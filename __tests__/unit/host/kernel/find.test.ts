import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { findKernel, type FindKernelOptions } from '../../../../src/host/kernel/find';
import { bzImage, moduleElf } from './kernel-blobs';
import { temporaryFolder, writeTree } from './kernel-files';
import { entryFiles } from './stored-blobs';

const HOST_RELEASE = '6.1.0-host';
const mmio = moduleElf({ depends: '' });

/** A machine with two stored kernels and one of its own, in a folder. */
function machine(folder: string): FindKernelOptions & { cacheDir: string } {
  const entry = (release: string) => {
    const files = { vmlinuz: bzImage(release), 'modules/virtio_mmio.ko': mmio };
    const changes = { release, modules: ['modules/virtio_mmio.ko'], absent: ['virtio_pci'] };
    writeTree(join(folder, 'cache/kernels', release), entryFiles(files, changes));
  };
  entry('6.12.9');
  entry('6.12.117');
  writeTree(folder, {
    [`boot/vmlinuz-${HOST_RELEASE}`]: bzImage(HOST_RELEASE),
    [`modules/${HOST_RELEASE}/modules.builtin`]: 'kernel/virtio_pci.ko\n',
    [`modules/${HOST_RELEASE}/kernel/virtio_mmio.ko.gz`]: gzipSync(mmio),
    'own/bzImage': bzImage('6.14.0-own'),
  });
  const host = { bootDir: join(folder, 'boot'), modulesDir: join(folder, 'modules'), release: HOST_RELEASE };
  return { cacheDir: join(folder, 'cache'), env: {}, host };
}

describe('findKernel()', () => {
  test('prefers the option to the variable, the cache and the host', async () => {
    using folder = temporaryFolder();
    const options = machine(folder.path);
    const found = await findKernel({ ...options, option: '6.12.9', env: { KTSTR_KERNEL: '6.12.117' } });
    expect(found).toMatchObject({ release: '6.12.9', source: 'option' });
  });

  test('prefers the variable to the cache and the host', async () => {
    using folder = temporaryFolder();
    const image = join(folder.path, 'own/bzImage');
    const found = await findKernel({ ...machine(folder.path), env: { KTSTR_KERNEL: image } });
    expect(found).toEqual({
      image,
      release: '6.14.0-own',
      modules: [],
      absent: [],
      source: 'env',
      digest: createHash('sha256').update(bzImage('6.14.0-own')).digest('hex'),
      schedExt: null,
      folder: null,
    });
  });

  test('takes the newest of the cache, with its modules, when nothing is asked for', async () => {
    using folder = temporaryFolder();
    const { cacheDir, ...options } = machine(folder.path);
    expect(await findKernel({ cacheDir, ...options })).toMatchObject({
      release: '6.12.117',
      source: 'cache',
      modules: [join(cacheDir, 'kernels/6.12.117/modules/virtio_mmio.ko')],
      absent: ['virtio_pci'],
      schedExt: false,
      folder: join(cacheDir, 'kernels/6.12.117'),
    });
  });

  test("takes the host's own kernel and unpacks its modules when the cache is empty", async () => {
    using folder = temporaryFolder();
    const { cacheDir, ...options } = machine(folder.path);
    rmSync(join(cacheDir, 'kernels'), { recursive: true });
    const found = await findKernel({ cacheDir, ...options });
    expect(found).toMatchObject({ release: HOST_RELEASE, source: 'host', absent: ['virtio_console'] });
    expect(found.modules).toEqual([join(cacheDir, 'kernel-modules', found.digest, 'virtio_mmio.ko')]);
  });

  test('unpacks a module again when its copy is gone', async () => {
    using folder = temporaryFolder();
    const options = { ...machine(folder.path), option: join(folder.path, `boot/vmlinuz-${HOST_RELEASE}`) };
    const [copy = ''] = (await findKernel(options)).modules;
    rmSync(copy);
    await findKernel(options);
    expect(existsSync(copy)).toBe(true);
  });

  test.each([
    ['unpacked together with the image', 'pkg/boot/vmlinuz', 'pkg/lib/modules/6.14.0-own'],
    ['beside the image', 'dist/vmlinuz', 'dist/lib/modules/6.14.0-own'],
    ['of the build folder', 'linux/arch/x86/boot/bzImage', 'linux'],
    ['of the host', 'elsewhere/vmlinuz', 'modules/6.14.0-own'],
  ])('finds the modules of an image by path in a tree %s', async (_, image, tree) => {
    using folder = temporaryFolder();
    writeTree(folder.path, {
      [image]: bzImage('6.14.0-own'),
      [`${tree}/modules.builtin`]: 'kernel/virtio_pci.ko\nkernel/virtio_console.ko\n',
      [`${tree}/drivers/virtio/virtio_mmio.ko`]: mmio,
    });
    const found = await findKernel({ ...machine(folder.path), option: join(folder.path, image) });
    expect(found.modules).toEqual([join(folder.path, tree, 'drivers/virtio/virtio_mmio.ko')]);
  });

  test('reads an image again when it has changed', async () => {
    using folder = temporaryFolder();
    const options = { ...machine(folder.path), option: join(folder.path, 'own/bzImage') };
    const before = await findKernel(options);
    writeTree(folder.path, { 'own/bzImage': bzImage('6.14.1-own') });
    const after = await findKernel(options);
    expect(after.release).toBe('6.14.1-own');
    expect(after.digest).not.toBe(before.digest);
  });

  test('remembers the digest of an image whose size and time are the same', async () => {
    using folder = temporaryFolder();
    const options = { ...machine(folder.path), option: join(folder.path, 'own/bzImage') };
    const time = new Date('2026-01-01');
    utimesSync(options.option, time, time);
    const before = await findKernel(options);
    writeTree(folder.path, { 'own/bzImage': bzImage('6.14.1-own') });
    utimesSync(options.option, time, time);
    expect((await findKernel(options)).digest).toBe(before.digest);
  });

  test('goes without its memory when that is garbled', async () => {
    using folder = temporaryFolder();
    const options = { ...machine(folder.path), option: join(folder.path, 'own/bzImage') };
    const before = await findKernel(options);
    rmSync(join(options.cacheDir, 'kernel-facts'), { recursive: true });
    writeTree(options.cacheDir, { 'kernel-facts': 'a file in the way' });
    expect(await findKernel(options)).toEqual(before);
  });

  test.each([
    [
      'a release that is not stored',
      '6.1',
      ['neither the path of a file nor a kernel of the cache', 'holds 6.12.117, 6.12.9'],
    ],
    ['a path that does not exist', '/nonexistent/bzImage', ['does not exist']],
    ['a folder', '/', ['is not a file']],
  ])('never replaces %s that was asked for', async (_, wanted, found) => {
    using folder = temporaryFolder();
    const options = machine(folder.path);
    const tried = found.map((text) => ({ found: expect.stringContaining(text) }));
    const refusal = { code: 'kernel-not-found', fields: { tried } };
    await expect(findKernel({ ...options, option: wanted })).rejects.toMatchObject(refusal);
    await expect(findKernel({ ...options, env: { KTSTR_KERNEL: wanted } })).rejects.toMatchObject(refusal);
  });

  test('names every place and the command when there is no kernel', async () => {
    using folder = temporaryFolder();
    const { cacheDir, ...options } = machine(folder.path);
    rmSync(join(cacheDir, 'kernels'), { recursive: true });
    rmSync(join(folder.path, 'boot'), { recursive: true });
    const error = await findKernel({ cacheDir, ...options }).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'kernel-not-found' });
    expect((error as Error).message).toMatch(
      /option kernel[^]*KTSTR_KERNEL[^]*cache[^]*boot\/vmlinuz-6.1.0-host: does not exist/,
    );
    expect((error as Error).message).toContain('npx ktstr kernel fetch');
  });
});
