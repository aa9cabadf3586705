import { cacheDir, storedKernels } from '../src/host/kernel/store';
import { Kernel } from '../src/host/monitor/kernel/kernel';
import { readVmcoreinfo } from '../src/host/monitor/symbols/vmcoreinfo';
import type { TestOptions } from '../src/spec/declare/options';
import { bootGuest, type BenchGuest } from './guest';
import { specOf, WAITS } from './run-fixture';

/** The shape of which the monitor's targets speak. */
export const SIXTEEN_CPUS = { llcs: 4, cores: 4 };
export const CPUS = 16;

/** Longer than any measurement takes. */
const TIMEOUT_MS = 3_600_000;

/** Key of a stored kernel: one that was built with sched_ext, or the distribution's. @throws {Error} when there is none */
export function needKernel(which: 'built' | 'distribution'): string {
  const kernel = storedKernels(cacheDir(process.env)).find(({ schedExt }) => schedExt === (which === 'built'));
  if (kernel !== undefined) return kernel.key;
  const command = which === 'built' ? 'npx ktstr kernel build' : 'npm run setup';
  throw new Error(`no ${which} kernel is stored, of which a target speaks; get one with: ${command}`);
}

/** A booted guest on the emulated machine that does nothing. */
export async function bootWaiting(options: TestOptions): Promise<BenchGuest> {
  const guest = await bootGuest(WAITS, specOf({ machine: 'emulated', timeoutMs: TIMEOUT_MS, ...options }));
  await guest.next();
  return guest;
}

export function kernelOf({ machine: { memory }, vmcoreinfoGpa }: BenchGuest): Kernel {
  return Kernel.locate(memory, readVmcoreinfo(memory, vmcoreinfoGpa));
}
