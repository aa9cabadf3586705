import { InvalidArgumentError, Option, type Command } from 'commander';
import { StepLines } from '../../../setup/step-lines';
import { requireTools } from '../../../setup/system-packages';
import { buildKernel } from '../kernel/build/build-kernel';
import { cleanStore } from '../kernel/clean';
import { fetchKernel } from '../kernel/fetch';
import { FLAVOURS, type Flavour, type OnFetchProgress } from '../kernel/kernel-source';
import { cacheDir } from '../kernel/store';
import { listKernels, printPath, showKernel } from './kernel-report';

export function addKernelCommands(ktstr: Command): void {
  const kernel = ktstr.command('kernel').description('kernels for the machines, kept in the cache');
  addMakingCommands(kernel);
  kernel
    .command('list')
    .description('kernels of the cache, the one that tests take first')
    .option('--json', 'as JSON, one object per kernel')
    .action(({ json }: { json?: true }) => listKernels(json === true));
  kernel
    .command('show')
    .description('all that is known of a stored kernel')
    .argument('<key>', 'key or release, or how it begins')
    .option('--json', 'as JSON')
    .action((key: string, { json }: { json?: true }) => showKernel(key, json === true));
  kernel
    .command('path')
    .description('path of the image of a stored kernel, without a key of the one that tests take')
    .argument('[key]', 'key or release, or how it begins')
    .action((key: string | undefined) => printPath(key));
  kernel
    .command('clean')
    .description('remove stored kernels, and what killed or failed builds left')
    .option('--keep <n>', 'remove all but the first n of the list', wholeNumber)
    .option('--corrupt', 'remove what cannot be used')
    .action(clean);
}

function addMakingCommands(kernel: Command): void {
  kernel
    .command('build')
    .description(
      "build a kernel with sched_ext and the schedulers of its tree, from the distribution's source by default",
    )
    .option('--source <path>', 'a kernel source tree, which is not written to, or a tarball of one')
    .option('--config <fragment>', 'options over those of ktstr; repeat it for several, the last one wins', collect, [])
    .option('--force', 'build it also when it is there, and replace it')
    .action(build);
  kernel
    .command('fetch')
    .description("take the distribution's newest kernel into the cache, without installing it")
    .addOption(
      new Option('--flavour <name>', 'build of that kernel: cloud boots faster, amd64 has all drivers')
        .choices(FLAVOURS)
        .default('cloud'),
    )
    .action(async ({ flavour }: { flavour: Flavour }) => fetch(flavour));
}

async function build(options: { source?: string; config: string[]; force?: true }): Promise<void> {
  requireTools(['kernel']);
  await new StepLines(process.stdout).run('kernel', async (doing) => {
    const { kernel, isNew, noSchedulers } = await buildKernel({
      ...{ cacheDir: cacheDir(process.env), source: options.source, configs: options.config },
      force: options.force === true,
      onProgress: ({ doing: what, fraction, count }) => doing(what, fraction, count),
    });
    const lack = noSchedulers === undefined ? '' : `; without example schedulers: ${noSchedulers}`;
    return `${kernel.key} ${isNew ? 'built' : 'is there already'}: ${kernel.folder}${lack}`;
  });
}

async function fetch(flavour: Flavour): Promise<void> {
  await new StepLines(process.stdout).run('kernel', async (doing) => {
    const onProgress: OnFetchProgress = ({ doing: what, fraction }) => doing(what, fraction);
    const { kernel, isNew } = await fetchKernel({ cacheDir: cacheDir(process.env), flavour, onProgress });
    return `${kernel.release} ${isNew ? 'fetched' : 'is there already'}: ${kernel.folder}`;
  });
}

function clean(options: { keep?: number; corrupt?: true }): void {
  const removed = cleanStore(cacheDir(process.env), options);
  const text = removed.length === 0 ? 'no kernel removed' : removed.map((key) => `removed ${key}`).join('\n');
  process.stdout.write(`${text}\n`);
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It has to be a whole number from 0.');
  return Number(value);
}
