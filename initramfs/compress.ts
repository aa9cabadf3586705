import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, truncateSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { HarnessError } from '../src/errors';

/** Chosen: compression of 100 MB takes under a second; this only ends a process that hangs. */
const LIMIT_MS = 120_000;
const BLOCK_BYTES = 512;
/** The kernel's reader takes a chunk length of zero for the end of the compressed part; without it, it would read on into what follows. */
const END_MARK_BYTES = 4;

/**
 * Writes an LZ4 "legacy frame", the only LZ4 format that kernels unpack, followed by zeros so that another archive may follow.
 * Source: lib/decompress_unlz4.c, with the zero padding of v5.12 (2c484419efc0).
 * @throws HarnessError `lz4-failed`
 */
export async function compressLz4(source: string, target: string): Promise<void> {
  try {
    const options = { env: process.env, timeout: LIMIT_MS };
    await promisify(execFile)('lz4', ['-l', '-f', '-q', source, target], options);
  } catch (cause) {
    throw new HarnessError('lz4-failed', { problem: problemOf(cause) }, { cause });
  }
  const { size } = await stat(target);
  truncateSync(target, Math.ceil((size + END_MARK_BYTES) / BLOCK_BYTES) * BLOCK_BYTES);
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function problemOf(cause: unknown): string {
  const { code, stderr } = cause as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'the command is not installed (package lz4)';
  return stderr?.trim() || String(cause);
}
