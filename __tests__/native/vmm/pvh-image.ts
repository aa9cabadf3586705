const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const LOAD = 1;
const NOTE = 4;
const ENTRY_NOTE = 18;
const LOAD_GPA = 0x10_0000;
/** jmp . */
const CODE = Buffer.from([0xeb, 0xfe]);

/** The smallest ELF kernel with a PVH entry; it spins. elf(5), and the notes of Xen's start of guests. */
export function pvhImage(): Buffer {
  const note = Buffer.alloc(20);
  note.writeUInt32LE(4, 0);
  note.writeUInt32LE(4, 4);
  note.writeUInt32LE(ENTRY_NOTE, 8);
  note.write('Xen\0', 12);
  note.writeUInt32LE(LOAD_GPA, 16);
  const noteAt = HEADER_BYTES + 2 * SEGMENT_BYTES;
  return Buffer.concat([
    header(),
    segment(NOTE, { offset: noteAt, bytes: note.length, gpa: 0 }),
    segment(LOAD, { offset: noteAt + note.length, bytes: CODE.length, gpa: LOAD_GPA }),
    note,
    CODE,
  ]);
}

function header(): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  bytes.writeUInt16LE(HEADER_BYTES, 52);
  bytes.writeUInt16LE(SEGMENT_BYTES, 54);
  bytes.writeUInt16LE(2, 56);
  return bytes;
}

function segment(type: number, { offset, bytes, gpa }: { offset: number; bytes: number; gpa: number }): Buffer {
  const entry = Buffer.alloc(SEGMENT_BYTES);
  entry.writeUInt32LE(type, 0);
  entry.writeBigUInt64LE(BigInt(offset), 8);
  entry.writeBigUInt64LE(BigInt(gpa), 24);
  entry.writeBigUInt64LE(BigInt(bytes), 32);
  entry.writeBigUInt64LE(BigInt(bytes), 40);
  return entry;
}
