import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import Table from 'cli-table3';
import { HarnessError } from '../../errors';
import { findKernel } from '../kernel/find';
import { cacheDir, readStore } from '../kernel/store';
import type { CorruptKernel, StoredKernel } from '../kernel/store-entry';
import { findByName } from '../kernel/stored-name';

export function listKernels(asJson: boolean): void {
  const { kernels, corrupt } = readStore(cacheDir(process.env));
  if (asJson) return write(JSON.stringify(kernels.map(rowOf), null, 2));
  if (kernels.length === 0 && corrupt.length === 0)
    return write(
      `no kernel in ${cacheDir(process.env)}; get one with: npx ktstr kernel build, or npx ktstr kernel fetch`,
    );
  const cells = [...kernels.map(cellsOf), ...corrupt.map(cellsOfCorrupt)];
  if (!process.stdout.isTTY) return write(cells.map((row) => row.join('\t')).join('\n'));
  const table = new Table({ head: ['key', 'release', 'sched_ext', 'BTF', 'modules to load', 'built', 'source'] });
  table.push(...cells);
  write(table.toString());
}

function cellsOf(kernel: StoredKernel): string[] {
  const { key, release, schedExt, btf, builtAt, source } = kernel;
  return [key, release, yesNo(schedExt), yesNo(btf), moduleNames(kernel).join(' '), builtAt, source];
}

function cellsOfCorrupt({ key, reason }: CorruptKernel): string[] {
  return [key, '', '', '', '', '', `corrupt: ${reason}`];
}

/** Part of the contract: programs read these rows. */
function rowOf(kernel: StoredKernel) {
  const { key, release, arch, image, vmlinux, btf, schedExt, source, configHash, builtAt } = kernel;
  const modules = moduleNames(kernel);
  return { key, release, arch, image, vmlinux, btf, schedExt, modules, source, configHash, builtAt };
}

export function showKernel(wanted: string, asJson: boolean): void {
  const kernel = storedKernel(wanted);
  const config = join(kernel.folder, 'config');
  const facts = {
    ...rowOf(kernel),
    ...{ events: kernel.events, absent: kernel.absent, schedulers: kernel.schedulers, folder: kernel.folder },
    config: existsSync(config) ? config : null,
  };
  if (asJson) return write(JSON.stringify(facts, null, 2));
  const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(LABEL_COLUMNS)}${inWords(value)}`);
  write(lines.join('\n'));
}

const LABEL_COLUMNS = 12;

function inWords(value: string | boolean | string[] | null): string {
  if (typeof value === 'boolean') return yesNo(value);
  if (value === null || value.length === 0) return '-';
  return Array.isArray(value) ? value.join(' ') : value;
}

/** Without a name, of the kernel that a test without options of its own would take. */
export async function printPath(wanted: string | undefined): Promise<void> {
  if (wanted !== undefined) return write(storedKernel(wanted).image);
  const { image } = await findKernel({ cacheDir: cacheDir(process.env), env: process.env });
  write(image);
}

/** @throws HarnessError `kernel-unknown`, `kernel-corrupt` */
function storedKernel(wanted: string): StoredKernel {
  const store = readStore(cacheDir(process.env));
  const found = findByName(store, wanted);
  if (found.kernel !== undefined) return found.kernel;
  if (found.corrupt !== undefined) throw new HarnessError('kernel-corrupt', found.corrupt);
  const held = store.kernels.map(({ key }) => key);
  throw new HarnessError('kernel-unknown', { wanted, reason: found.refusal, held });
}

function moduleNames(kernel: StoredKernel): string[] {
  return kernel.modules.map((file) => basename(file, '.ko'));
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
