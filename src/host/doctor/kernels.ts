import { isHarnessError } from '../../errors';
import { findKernel, type Kernel } from '../kernel/find';
import { check, missing, ok, warn, type Check, type Judgement } from './check';
import type { KernelRow } from './kernel-rows';

/** The bus and the console of the machine without NUMA nodes, which the demo takes. */
const DEMO_MODULES = ['virtio_mmio', 'virtio_console'];

const FETCH = 'npx ktstr kernel fetch';
const LIST = 'npx ktstr kernel list';
const BUILD = 'npx ktstr kernel build';

const ORIGIN: Record<Kernel['source'], string> = {
  option: 'named by an option',
  env: 'named by KTSTR_KERNEL',
  cache: 'from the cache',
  host: 'of this host',
};

export async function checkKernels(
  rows: readonly KernelRow[],
  options: { cacheDir: string; env: NodeJS.ProcessEnv },
): Promise<Check[]> {
  return [
    check('kernel', 'demo', await judgeDemoKernel(options)),
    check('kernel-cache', 'kernel-fetch', judgeCache(rows, options.cacheDir)),
    check('sched-ext-kernel', 'sched-ext', judgeSchedExt(rows)),
  ];
}

async function judgeDemoKernel(options: { cacheDir: string; env: NodeJS.ProcessEnv }): Promise<Judgement> {
  try {
    return judgeFound(await findKernel(options));
  } catch (error) {
    const facts = { release: null, image: null, source: null };
    const remedy = options.env['KTSTR_KERNEL'] ? `unset KTSTR_KERNEL, or set it to one of: ${LIST}` : FETCH;
    if (isHarnessError(error, 'kernel-not-found')) return missing(triedPlaces(error.fields.tried), remedy, facts);
    // Also what the system says of a cache that cannot be read.
    const [found = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return missing(found, remedy, facts);
  }
}

/** Of the places that were tried, those that were asked for or that are there. */
function triedPlaces(tried: readonly { place: string; found: string }[]): string {
  return tried
    .filter(({ found }) => found !== 'not set')
    .map(({ place, found }) => `${place} ${found}`)
    .join('; ');
}

export function judgeFound({ release, image, source, absent }: Kernel): Judgement {
  const facts = { release, image, source };
  const lacks = absent.filter((name) => DEMO_MODULES.includes(name));
  if (lacks.length === 0) return ok(`${release}, ${ORIGIN[source]}`, facts);
  return missing(`${release}, ${ORIGIN[source]}, has no ${lacks.join(' and no ')}`, FETCH, facts);
}

export function judgeCache(rows: readonly KernelRow[], cacheDir: string): Judgement {
  const broken = rows.filter(({ problem }) => problem !== null);
  const facts = { folder: cacheDir, usable: rows.length - broken.length, broken: broken.map(({ key }) => key) };
  const [first] = broken;
  if (first !== undefined) {
    const others = broken.length === 1 ? '' : `; ${broken.length - 1} more`;
    const folders = broken.map(({ folder }) => folder).join(' ');
    return warn(`${first.key} cannot be used: ${first.problem}${others}`, `rm -r ${folders}; then ${FETCH}`, facts);
  }
  if (rows.length === 0) return missing(`no kernel in ${cacheDir}`, FETCH, facts);
  return ok(`${rows.length} ${rows.length === 1 ? 'kernel' : 'kernels'} in ${cacheDir}`, facts);
}

export function judgeSchedExt(rows: readonly KernelRow[]): Judgement {
  const usable = rows.filter(({ problem }) => problem === null);
  const able = usable.filter(({ schedExt, btf }) => schedExt === true && btf !== false);
  const facts = { kernels: able.map(({ key }) => key) };
  if (able.length > 0) return ok(able.map(({ release }) => release).join(', '), facts);
  return missing('no kernel in the cache has sched_ext and BTF', BUILD, facts);
}
