import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { scratchPath } from '../../../../initramfs/scratch';
import { HarnessError } from '../../../errors';
import { packageRoot } from '../../../package-root';
import type { BuildSource } from './build-source';
import type { Toolchain } from './toolchain';

/** Files that 6.12 with the configuration of this package makes; the estimate before the first build. */
const MADE_FILES = 2_210;

/** What is asked for, known before the source is unpacked. */
export interface BuildRequest {
  source: BuildSource;
  /** Paths, the fragment of this package first. */
  fragments: string[];
  toolchain: Toolchain;
  /** Hexadecimal; names the request. */
  id: string;
}

export function buildRequest(source: BuildSource, toolchain: Toolchain, configs: readonly string[]): BuildRequest {
  const fragments = [join(packageRoot(), 'kernel/sched_ext.config'), ...configs.map((config) => resolve(config))];
  const texts = fragments.map((path) => {
    if (!existsSync(path))
      throw new HarnessError('kernel-source-unusable', { path, reason: 'the fragment does not exist' });
    return readFileSync(path, 'utf8');
  });
  const id = digest([source.identity, ...texts, toolchain.compiler, toolchain.clang?.version ?? '']).slice(0, 16);
  return { source, fragments, toolchain, id };
}

/** Readable, and different for every source, configuration and compiler: `6.12.1-linux-source-x86_64-0123abcd`. */
export function kernelKey({ source, toolchain }: BuildRequest, final: { release: string; configHash: string }): string {
  const { compiler, clang } = toolchain;
  const content = digest([source.identity, final.release, final.configHash, 'x86_64', compiler, clang?.version ?? '']);
  return `${final.release}-${source.name}-x86_64-${content.slice(0, 8)}`;
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** What a finished build leaves for the next one of the same request. */
export interface BuildRecord {
  key: string;
  madeFiles: number;
}

export function readRecord(folder: string, id: string): BuildRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')) as BuildRecord;
  } catch {
    // Not there, or not readable as ours: building again gives the same kernel.
    return undefined;
  }
}

export function writeRecord(folder: string, id: string, record: BuildRecord): void {
  const draft = scratchPath(folder);
  writeFileSync(draft, JSON.stringify(record));
  renameSync(draft, join(folder, `${id}.json`));
}

/** How many files a build makes: as many as the last one of the request did, else of any. */
export function estimateFiles(folder: string, id: string): number {
  const others = readdirSync(folder).flatMap((name) => (name.endsWith('.json') ? name.slice(0, -5) : []));
  const records = [id, ...others].flatMap((name) => readRecord(folder, name) ?? []);
  return records[0]?.madeFiles ?? MADE_FILES;
}
