import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HarnessError } from '../../errors';
import { scaledMs } from '../../spec/time-scale';
import { runCommand } from './run-command';

const DECOMPRESS_DEADLINE_MS = scaledMs(30_000);

/** The module as an ELF object, whatever it is compressed with. */
export async function readModule(path: string): Promise<Buffer> {
  const content = await readFile(path);
  switch (extname(path)) {
    case '.xz':
      return pipeThrough('xz', content, path);
    case '.zst':
      return pipeThrough('zstd', content, path);
    case '.gz':
      return promisify(gunzip)(content).catch((cause: Error) => {
        throw new HarnessError('kernel-module-unusable', { path, reason: cause.message }, { cause });
      });
    default:
      return content;
  }
}

async function pipeThrough(command: 'xz' | 'zstd', input: Buffer, path: string): Promise<Buffer> {
  const purpose = `decompress kernel module ${path}`;
  const { stdout } = await runCommand(command, ['-dc'], { purpose, input, deadlineMs: DECOMPRESS_DEADLINE_MS });
  return stdout;
}

/*
 * ELF64, little endian. The file header gives the section table (offset at 0x28, entry size at 0x3a, count at 0x3c, index of the
 * section of names at 0x3e). An entry holds the name's offset at 0x00, the content's offset at 0x18 and its size at 0x20.
 */
const SECTION_TABLE_OFFSET = 0x28;
const SECTION_ENTRY_SIZE = 0x3a;
const SECTION_COUNT = 0x3c;
const NAMES_INDEX = 0x3e;
const ENTRY_CONTENT_OFFSET = 0x18;
const ENTRY_CONTENT_SIZE = 0x20;

/**
 * The `key=value` texts of the module's .modinfo section, keys in the order of the file.
 * @throws HarnessError `kernel-module-unusable` when the content is no ELF module
 */
export function moduleInfo(elf: Buffer, path: string): [key: string, value: string][] {
  try {
    const section = sectionNamed(elf, '.modinfo');
    if (section === undefined) throw new RangeError('it has no .modinfo section');
    return section
      .toString('latin1')
      .split('\0')
      .filter((text) => text.includes('='))
      .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError('kernel-module-unusable', { path, reason }, { cause });
  }
}

/**
 * The content of a section of a 64-bit ELF file.
 * @throws RangeError when it is none
 */
export function sectionNamed(elf: Buffer, wanted: string): Buffer | undefined {
  if (elf.toString('latin1', 0, 5) !== '\x7fELF\x02') throw new RangeError('it is no 64-bit ELF file');
  const table = Number(elf.readBigUInt64LE(SECTION_TABLE_OFFSET));
  const entrySize = elf.readUInt16LE(SECTION_ENTRY_SIZE);
  const content = (index: number): Buffer => {
    const entry = table + index * entrySize;
    const offset = Number(elf.readBigUInt64LE(entry + ENTRY_CONTENT_OFFSET));
    return elf.subarray(offset, offset + Number(elf.readBigUInt64LE(entry + ENTRY_CONTENT_SIZE)));
  };
  const names = content(elf.readUInt16LE(NAMES_INDEX));
  for (let index = 0; index < elf.readUInt16LE(SECTION_COUNT); index++) {
    const nameOffset = elf.readUInt32LE(table + index * entrySize);
    const name = names.toString('latin1', nameOffset, names.indexOf(0, nameOffset));
    if (name === wanted) return content(index);
  }
  return undefined;
}
