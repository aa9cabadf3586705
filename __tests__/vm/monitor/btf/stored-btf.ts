import { readFileSync } from 'node:fs';
import { unpackImage } from '../../../../src/host/kernel/boot-image';
import { readModule, sectionNamed } from '../../../../src/host/kernel/module-file';
import { cacheDir, storedKernels } from '../../../../src/host/kernel/store';
import type { StoredKernel } from '../../../../src/host/kernel/store-entry';
import { nativeProgram } from '../../../../src/package-root';

/** Kernels of the cache, with a name for the title of a test. */
export const KERNELS = storedKernels(cacheDir(process.env)).map((kernel) => ({ name: kernel.key, kernel }));

/** The BTF of a stored kernel, out of its vmlinux or its packed image. */
export async function kernelBlob(kernel: StoredKernel): Promise<Buffer> {
  const elf = kernel.vmlinux === null ? await unpackImage(readFileSync(kernel.image)) : readFileSync(kernel.vmlinux);
  if (elf === null || elf === 'no-program') throw new Error(`${kernel.image} cannot be unpacked: ${elf}`);
  return btfOf(elf, kernel.image);
}

export async function moduleBlob(path: string): Promise<Buffer> {
  return btfOf(await readModule(path), path);
}

/** The program that the fixture scheduler loads, as its loader holds it. */
export function programElf(): Buffer {
  const loader = readFileSync(nativeProgram('bpf/scx_ktstr'));
  const embedded = loader.indexOf('\x7fELF', 1, 'latin1');
  if (embedded === -1) throw new Error('the fixture scheduler holds no program');
  return loader.subarray(embedded);
}

export function btfOf(elf: Buffer, name: string): Buffer {
  const section = sectionNamed(elf, '.BTF');
  if (section === undefined) throw new Error(`${name} has no .BTF`);
  return section;
}
