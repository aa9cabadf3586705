import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { isHarnessError } from '../../errors';
import { scaledMs } from '../../spec/time-scale';
import type { Kernel } from './find';
import { hasPvhEntry } from './pvh-note';
import { runCommand } from './run-command';

const UNPACK_DEADLINE_MS = scaledMs(60_000);

// Fields of the set-up header: Documentation/arch/x86/boot.rst.
const SETUP_SECTORS = 0x1f1;
const HEADER_MAGIC = 0x202;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR_BYTES = 512;
const DEFAULT_SETUP_SECTORS = 4;
/** The kernel's build appends the unpacked size to what the compressor wrote, but for gzip, which does so itself: scripts/Makefile.lib. */
const SIZE_TRAILER_BYTES = 4;

/** First bytes of what the kernel's build can compress its payload with, and the program that unpacks it. */
const PACKERS: readonly { magic: string; program: string | null }[] = [
  { magic: '1f8b08', program: null },
  { magic: '28b52ffd', program: 'zstd' },
  { magic: 'fd377a585a00', program: 'xz' },
  { magic: '02214c18', program: 'lz4' },
];

/**
 * The file to hand to an emulated machine: the kernel's own ELF, unpacked once per image, because unpacking takes an emulated CPU most of a
 * second. An image that cannot be unpacked here, or has no PVH entry, is used as it is.
 */
export async function bootImage(kernel: Kernel, cacheDir: string): Promise<string> {
  const unpacked = join(cacheDir, 'unpacked-kernels', kernel.digest);
  const refused = `${unpacked}.packed`;
  if (existsSync(unpacked)) return unpacked;
  if (existsSync(refused)) return kernel.image;
  const elf = await unpackImage(readFileSync(kernel.image));
  // Without the program that unpacks it the image boots packed: slower, and no different otherwise.
  if (elf === 'no-program') return kernel.image;
  const isUsable = elf !== null && hasPvhEntry(elf);
  mkdirSync(join(cacheDir, 'unpacked-kernels'), { recursive: true });
  store(isUsable ? unpacked : refused, isUsable ? elf : Buffer.alloc(0));
  return isUsable ? unpacked : kernel.image;
}

/** The kernel's ELF; null when the image is not one that holds it in a known packing. */
export async function unpackImage(image: Buffer): Promise<Buffer | 'no-program' | null> {
  if (image.subarray(0, 4).toString('latin1') === '\x7fELF') return null;
  if (image.toString('latin1', HEADER_MAGIC, HEADER_MAGIC + 4) !== 'HdrS') return null;
  const sectors = image.readUInt8(SETUP_SECTORS) || DEFAULT_SETUP_SECTORS;
  const start = (sectors + 1) * SECTOR_BYTES + image.readUInt32LE(PAYLOAD_OFFSET);
  const payload = image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH));
  const packer = PACKERS.find(({ magic }) => payload.subarray(0, magic.length / 2).toString('hex') === magic);
  if (!packer) return null;
  if (packer.program === null) return promisify(gunzip)(payload).catch(() => null);
  return runPacker(packer.program, payload.subarray(0, payload.length - SIZE_TRAILER_BYTES));
}

async function runPacker(program: string, packed: Buffer): Promise<Buffer | 'no-program'> {
  try {
    const options = { purpose: 'unpack the kernel image', deadlineMs: UNPACK_DEADLINE_MS, input: packed };
    return (await runCommand(program, ['-dcq'], options)).stdout;
  } catch (error) {
    if (isHarnessError(error, 'command-failed')) return 'no-program';
    throw error;
  }
}

function store(path: string, content: Buffer): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
