import { open, type FileHandle } from 'node:fs/promises';
import { HarnessError } from '../../errors';

export interface KernelImage {
  format: 'bzImage' | 'elf';
  /** As `uname -r` prints it inside the guest. */
  release: string;
}

/*
 * A bzImage starts with the real-mode set-up code, whose header (Documentation/arch/x86/boot.rst) holds the magic HdrS at 0x202,
 * the boot protocol version at 0x206 and, at 0x20e, the offset less 0x200 of a NUL-terminated version text. The release is its first word.
 */
const HEADER_MAGIC_OFFSET = 0x202;
const PROTOCOL_OFFSET = 0x206;
const VERSION_POINTER_OFFSET = 0x20e;
const VERSION_POINTER_BASE = 0x200;
/** The set-up code is at most 64 sectors, so the version text lies within. */
const SETUP_BYTES = 64 * 512;
/** Protocol 2.00 is the first with a version pointer and the first that can load at 1 MiB. */
const OLDEST_PROTOCOL = 0x200;

const ELF_MAGIC = '\x7fELF';
const ELF_MACHINE_OFFSET = 18;
const EM_X86_64 = 62;
const CHUNK_BYTES = 4 << 20;
/** More than the longest `Linux version <release>`, so that one cut by a chunk's end is found in the next. */
const OVERLAP_BYTES = 256;

/**
 * Tells format and release of a kernel image from its content.
 * @throws HarnessError `kernel-image-unusable` when it is neither a bzImage nor an x86-64 ELF kernel
 */
export async function describeImage(path: string): Promise<KernelImage> {
  const file = await open(path).catch((cause: Error) => {
    throw unusable(path, `it cannot be opened (${cause.message})`, cause);
  });
  try {
    const head = await readAt(file, 0, SETUP_BYTES);
    if (head.toString('latin1', 0, 4) === ELF_MAGIC)
      return { format: 'elf', release: await elfRelease(file, head, path) };
    if (head.toString('latin1', HEADER_MAGIC_OFFSET, HEADER_MAGIC_OFFSET + 4) === 'HdrS')
      return { format: 'bzImage', release: bzImageRelease(head, path) };
    const found = head.length === 0 ? 'it is empty' : `it starts with the bytes ${head.subarray(0, 4).toString('hex')}`;
    throw unusable(path, `${found}; a bzImage has "HdrS" at 0x202, an ELF kernel starts with 7f454c46`);
  } finally {
    await file.close();
  }
}

function bzImageRelease(head: Buffer, path: string): string {
  if (head.length < VERSION_POINTER_OFFSET + 2) throw unusable(path, 'it ends within its header');
  const protocol = head.readUInt16LE(PROTOCOL_OFFSET);
  if (protocol < OLDEST_PROTOCOL)
    throw unusable(path, `its boot protocol 0x${protocol.toString(16)} is older than 0x200`);
  const pointer = head.readUInt16LE(VERSION_POINTER_OFFSET);
  const start = pointer + VERSION_POINTER_BASE;
  const end = head.indexOf(0, start);
  const release = end < 0 ? undefined : /^\S+/.exec(head.toString('latin1', start, end))?.[0];
  if (pointer === 0 || release === undefined) throw unusable(path, 'its header names no kernel version');
  return release;
}

async function elfRelease(file: FileHandle, head: Buffer, path: string): Promise<string> {
  const machine = head.length < ELF_MACHINE_OFFSET + 2 ? undefined : head.readUInt16LE(ELF_MACHINE_OFFSET);
  if (machine !== EM_X86_64)
    throw unusable(path, `it is an ELF file for machine ${machine ?? 'unknown'}, needed is x86-64`);
  for (let offset = 0; ; offset += CHUNK_BYTES) {
    const chunk = await readAt(file, offset, CHUNK_BYTES + OVERLAP_BYTES);
    const release = /Linux version (\d[\x21-\x7e]*) /.exec(chunk.toString('latin1'))?.[1];
    if (release !== undefined) return release;
    if (chunk.length < CHUNK_BYTES + OVERLAP_BYTES)
      throw unusable(path, 'it is an ELF file without "Linux version" in it');
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function unusable(path: string, reason: string, cause?: Error): HarnessError {
  return new HarnessError('kernel-image-unusable', { path, reason }, cause && { cause });
}
