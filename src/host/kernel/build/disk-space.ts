import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { HarnessError } from '../../../errors';

/** Unpacked source 1.6 GiB, object files 1.3 GiB, package and stored entry 0.4 GiB, measured with 6.12; the rest is margin. */
export const BUILD_BYTES = 4 * 2 ** 30;

/** @throws HarnessError `kernel-build-space` when the file system of `folder` has less than `neededBytes` for this user */
export async function checkDiskSpace(folder: string, neededBytes: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < neededBytes) throw new HarnessError('kernel-build-space', { path: folder, neededBytes, freeBytes });
}
