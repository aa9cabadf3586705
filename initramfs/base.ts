import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, trimCache } from './cache';
import { compressLz4, sha256OfFile } from './compress';
import { writeCpio } from './cpio';
import { fingerprint } from './fingerprint';
import { type ImageEntry, arrangeEntries } from './image-entry';
import { withLibraries } from './manifest';

/** Changes whenever the same entries give other bytes than before. */
const FORMAT = 'base-1';
const CACHE_KIND = 'base';
/** Chosen: room for a few kernels and a few versions of Node; each image has some 90 MB. */
const KEPT_IMAGES = 6;

export type Compression = 'none' | 'lz4';

export interface BaseDescription {
  /** Loader and libraries of dynamic executables are added. */
  entries: readonly ImageEntry[];
  compress?: Compression;
}

export interface BaseImage {
  /** The finished archive in the cache; its size is a multiple of 512, and another archive may follow it. */
  path: string;
  bytes: number;
  /** Of the archive as it is, in hexadecimal. */
  sha256: string;
  /** What LD_LIBRARY_PATH must name in the guest so that its loader finds the libraries without a cache. */
  libraryDirs: string[];
}

interface Summary {
  bytes: number;
  sha256: string;
}

/**
 * The large part of a guest image, built once per content and kept in the cache. When it is there, only the heads of the executables
 * are read.
 * @throws HarnessError `image-entry-invalid`, `image-source-unreadable`, `elf-invalid`, `library-missing`, `lz4-failed`, `cache-busy`
 */
export async function buildBase({ entries, compress = 'none' }: BaseDescription): Promise<BaseImage> {
  const manifest = withLibraries(entries);
  const arranged = arrangeEntries(manifest.entries);
  const key = fingerprint(arranged, `${FORMAT} ${compress}`);
  let isNew = false;
  const directory = await cached({ kind: CACHE_KIND, key }, async (scratch) => {
    mkdirSync(scratch);
    const summary = await writeArchive(scratch, arranged, compress);
    writeFileSync(summaryPath(scratch), JSON.stringify(summary));
    isNew = true;
  });
  if (isNew) trimCache(CACHE_KIND, KEPT_IMAGES);
  const { bytes, sha256 } = JSON.parse(readFileSync(summaryPath(directory), 'utf8')) as Summary;
  return { path: archivePath(directory), bytes, sha256, libraryDirs: manifest.libraryDirs };
}

async function writeArchive(
  directory: string,
  entries: readonly ImageEntry[],
  compress: Compression,
): Promise<Summary> {
  const path = archivePath(directory);
  const plain = compress === 'none' ? path : join(directory, 'plain.cpio');
  const summary = writePlain(plain, entries);
  if (compress === 'none') return summary;
  await compressLz4(plain, path);
  rmSync(plain);
  return { bytes: (await stat(path)).size, sha256: await sha256OfFile(path) };
}

function writePlain(path: string, entries: readonly ImageEntry[]): Summary {
  const fd = openSync(path, 'wx');
  try {
    return writeCpio(fd, entries);
  } finally {
    closeSync(fd);
  }
}

function archivePath(directory: string): string {
  return join(directory, 'archive');
}

function summaryPath(directory: string): string {
  return join(directory, 'summary.json');
}
