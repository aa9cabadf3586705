import { findKernel } from '../src/host/kernel/find';
import { listedKernels } from '../src/host/kernel/listed-kernels';

/** Where kernels are looked for. */
export interface KernelPlaces {
  cacheDir: string;
  env: NodeJS.ProcessEnv;
}

/** The kernels that tests run with unless they name one themselves. */
export interface KernelChoice {
  /** For each of several kernels its label and what finds it; empty when there is one for all. */
  labels: ReadonlyMap<string, string>;
  /** What finds the one kernel; undefined leaves it to the usual lookup. */
  only: string | undefined;
}

export const NO_CHOICE: KernelChoice = { labels: new Map(), only: undefined };

/**
 * Finds the kernels that a run is to use: those of `KTSTR_KERNEL`, a list with commas, else those of the environment's option `kernels`. A
 * kernel that is named twice counts once. @throws {HarnessError} `kernel-not-found`
 */
export async function chooseKernels(option: readonly string[], { cacheDir, env }: KernelPlaces): Promise<KernelChoice> {
  const variable = env['KTSTR_KERNEL'];
  // One kernel in the variable is part of the usual lookup.
  if (variable && !variable.includes(',')) return NO_CHOICE;
  const selectors = variable ? listedKernels(env) : option;
  const byImage = new Map<string, Found>();
  for (const selector of selectors) {
    const { image, release, digest } = await findKernel(
      variable ? { cacheDir, env: { ...env, KTSTR_KERNEL: selector } } : { cacheDir, env, option: selector },
    );
    if (!byImage.has(image)) byImage.set(image, { selector, release, digest });
  }
  const found = [...byImage.values()];
  if (found.length < 2) return { ...NO_CHOICE, only: found[0]?.selector };
  return { labels: labelsFor(found), only: undefined };
}

interface Found {
  selector: string;
  release: string;
  digest: string;
}

const DIGEST_CHARS = 8;

/** By release where that tells them apart, else with the beginning of the image's digest, and then by number. */
function labelsFor(found: readonly Found[]): Map<string, string> {
  const labels = new Map<string, string>();
  for (const { selector, release, digest } of found) {
    const isAlone = found.filter((other) => other.release === release).length === 1;
    const label = isAlone ? release : `${release} ${digest.slice(0, DIGEST_CHARS)}`;
    let unique = label;
    for (let number = 2; labels.has(unique); number++) unique = `${label} #${number}`;
    labels.set(unique, selector);
  }
  return labels;
}
