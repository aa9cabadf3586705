import type { GuestMemory } from '../src/host/monitor/guest-memory';

/** ELF-64 (System V ABI, chapters 4 and 5), as the kernel's kdump writes core files. */
const EHDR_BYTES = 64;
const PHDR_BYTES = 56;
const NOTE_HEADER_BYTES = 12;
const [ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ET_CORE, EM_X86_64] = [2, 1, 1, 4, 62];
const [PT_LOAD, PT_NOTE] = [1, 4];
const NOTE_NAME = 'VMCOREINFO\0';
/** What follows can be mapped. */
const PAGE_BYTES = 4096;

export interface CoreParts {
  /** Where RAM is; it follows the header, range by range. */
  ranges: GuestMemory['ranges'];
  /** Text of the kernel's VMCOREINFO note. */
  vmcoreinfo: string;
  /** Where the kernel has all of RAM in one piece. */
  directMap: bigint;
  /** Where it has its own image, whose tables lead to everything else. */
  image: { virtual: bigint; gpa: number; bytes: number };
}

/** What stands before the RAM in a core file of a kernel, in whole pages. */
export function coreHeader({ ranges, vmcoreinfo, directMap, image }: CoreParts): Buffer {
  const note = vmcoreinfoNote(vmcoreinfo);
  const count = ranges.length + 2;
  const noteAt = EHDR_BYTES + PHDR_BYTES * count;
  const header = Buffer.alloc(Math.ceil((noteAt + note.length) / PAGE_BYTES) * PAGE_BYTES);
  const ram: Segment[] = [];
  let end = header.length;
  for (const { gpa, bytes } of ranges) {
    ram.push({ type: PT_LOAD, fileOffset: end, virtual: directMap + BigInt(gpa), gpa, bytes });
    end += bytes;
  }
  const segments: Segment[] = [
    { type: PT_NOTE, fileOffset: noteAt, virtual: 0n, gpa: 0, bytes: note.length },
    { ...image, type: PT_LOAD, fileOffset: offsetIn(ram, image) },
    ...ram,
  ];
  writeElfHeader(header, count);
  segments.forEach((segment, index) => writeSegment(header, index, segment));
  note.copy(header, noteAt);
  return header;
}

function offsetIn(ram: readonly Segment[], { gpa, bytes }: CoreParts['image']): number {
  const holder = ram.find((segment) => gpa >= segment.gpa && gpa + bytes <= segment.gpa + segment.bytes);
  if (holder === undefined) throw new RangeError(`make a core file: the image at 0x${gpa.toString(16)} is not in RAM`);
  return holder.fileOffset + gpa - holder.gpa;
}

function vmcoreinfoNote(text: string): Buffer {
  const padded = (length: number): number => Math.ceil(length / 4) * 4;
  const note = Buffer.alloc(NOTE_HEADER_BYTES + padded(NOTE_NAME.length) + padded(text.length));
  note.writeUInt32LE(NOTE_NAME.length, 0);
  note.writeUInt32LE(text.length, 4);
  note.write(NOTE_NAME, NOTE_HEADER_BYTES, 'latin1');
  note.write(text, NOTE_HEADER_BYTES + padded(NOTE_NAME.length), 'latin1');
  return note;
}

function writeElfHeader(header: Buffer, segments: number): void {
  header.write('\x7fELF', 'latin1');
  Buffer.from([ELFCLASS64, ELFDATA2LSB, EV_CURRENT]).copy(header, 4);
  header.writeUInt16LE(ET_CORE, 16);
  header.writeUInt16LE(EM_X86_64, 18);
  header.writeUInt32LE(EV_CURRENT, 20);
  header.writeBigUInt64LE(BigInt(EHDR_BYTES), 32);
  header.writeUInt16LE(EHDR_BYTES, 52);
  header.writeUInt16LE(PHDR_BYTES, 54);
  header.writeUInt16LE(segments, 56);
}

interface Segment {
  type: number;
  fileOffset: number;
  virtual: bigint;
  gpa: number;
  bytes: number;
}

function writeSegment(header: Buffer, index: number, { type, fileOffset, virtual, gpa, bytes }: Segment): void {
  const at = EHDR_BYTES + index * PHDR_BYTES;
  header.writeUInt32LE(type, at);
  header.writeBigUInt64LE(BigInt(fileOffset), at + 8);
  header.writeBigUInt64LE(virtual, at + 16);
  header.writeBigUInt64LE(BigInt(gpa), at + 24);
  header.writeBigUInt64LE(BigInt(bytes), at + 32);
  header.writeBigUInt64LE(BigInt(bytes), at + 40);
}
