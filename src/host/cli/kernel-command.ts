import { basename } from 'node:path';
import Table from 'cli-table3';
import { Option, type Command } from 'commander';
import { StepLines } from '../../../setup/step-lines';
import { fetchKernel } from '../kernel/fetch';
import { FLAVOURS, type Flavour } from '../kernel/kernel-source';
import { cacheDir, storedKernels, type StoredKernel } from '../kernel/store';

export function addKernelCommands(ktstr: Command): void {
  const kernel = ktstr.command('kernel').description('kernels for the machines, kept in the cache');
  kernel
    .command('fetch')
    .description("take the distribution's newest kernel into the cache, without installing it")
    .addOption(
      new Option('--flavour <name>', 'build of that kernel: cloud boots faster, amd64 has all drivers')
        .choices(FLAVOURS)
        .default('cloud'),
    )
    .action(async ({ flavour }: { flavour: Flavour }) => fetch(flavour));
  kernel
    .command('list')
    .description('kernels of the cache, newest first')
    .option('--json', 'as JSON, one object per kernel')
    .action(({ json }: { json?: true }) => list(json === true));
}

async function fetch(flavour: Flavour): Promise<void> {
  await new StepLines(process.stdout).run('kernel', async (doing) => {
    const { kernel, isNew } = await fetchKernel({
      cacheDir: cacheDir(process.env),
      flavour,
      onProgress: ({ doing: what, fraction }) => doing(what, fraction),
    });
    return `${kernel.release} ${isNew ? 'fetched' : 'is there already'}: ${kernel.folder}`;
  });
}

function list(asJson: boolean): void {
  const rows = storedKernels(cacheDir(process.env)).map(rowOf);
  if (asJson) return write(JSON.stringify(rows, null, 2));
  if (rows.length === 0) return write(`no kernel in ${cacheDir(process.env)}; get one with: npx ktstr kernel fetch`);
  const cells = rows.map((row) => [
    row.release,
    row.arch,
    row.modules.map((file) => basename(file)).join(' '),
    row.fetchedAt,
    row.source,
  ]);
  if (!process.stdout.isTTY) return write(cells.map((row) => row.join('\t')).join('\n'));
  const table = new Table({ head: ['release', 'arch', 'modules to load', 'fetched', 'source'] });
  table.push(...cells);
  write(table.toString());
}

function rowOf({ release, arch, image, source, modules, fetchedAt }: StoredKernel) {
  return { release, arch, image, source, modules, fetchedAt };
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
