import { readSync } from 'node:fs';
import { ELF_HEADER_BYTES, readElfAt } from './elf';

/** An ELF file up to the end of its last segment: `head` replaces the bytes at its start, the file itself follows up to `bytes`. */
export interface StrippedElf {
  head: Buffer;
  bytes: number;
}

/**
 * What is needed to run an ELF file. The sections behind the segments (symbols, debug information, section names) are left out,
 * and the header says that there are no sections, as the ELF specification has it: offset, count and name index are zero.
 * @throws HarnessError `elf-invalid`
 */
export function readStrippedElf(fd: number, path: string): StrippedElf {
  const bytes = readElfAt(fd, path).segmentsEnd;
  const head = Buffer.alloc(ELF_HEADER_BYTES);
  readSync(fd, head, 0, ELF_HEADER_BYTES, 0);
  const [sectionOffset, sectionCount, nameIndex] = [40, 60, 62];
  head.writeBigUInt64LE(0n, sectionOffset);
  head.writeUInt16LE(0, sectionCount);
  head.writeUInt16LE(0, nameIndex);
  return { head, bytes };
}
