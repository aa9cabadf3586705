import { cacheDir, storedKernels } from '../../src/host/kernel/store';

/**
 * Key of the kernel of the store with sched_ext, which is built, or of the distribution's, which has none.
 * @throws {Error} when none is stored
 */
export function storedKey(hasSchedExt: boolean): string {
  const kernel = storedKernels(cacheDir(process.env)).find(({ schedExt }) => schedExt === hasSchedExt);
  if (kernel === undefined)
    throw new Error(`no kernel ${hasSchedExt ? 'with' : 'without'} sched_ext is stored; npm run setup gets one`);
  return kernel.key;
}
