const LOAD_ADDRESS = 0x10_0000;
const [EHDR_BYTES, PHDR_BYTES] = [64, 56];
const [PT_LOAD, PT_NOTE] = [1, 4];
/** XEN_ELFNOTE_PHYS32_ENTRY: where a PVH loader enters, in 32-bit mode. */
const PHYS32_ENTRY = 18;

/** The smallest ELF kernel with a PVH entry, at its first instruction: elf(5), and the notes of Xen's start of guests. `code` is of 32-bit mode. */
export function pvhKernel(code: Buffer): Buffer {
  const codeAt = EHDR_BYTES + 2 * PHDR_BYTES;
  const entry = LOAD_ADDRESS + codeAt;
  const note = Buffer.alloc(20);
  note.writeUInt32LE(4, 0);
  note.writeUInt32LE(4, 4);
  note.writeUInt32LE(PHYS32_ENTRY, 8);
  note.write('Xen\0', 12, 'latin1');
  note.writeUInt32LE(entry, 16);
  const noteAt = codeAt + code.length;
  const end = noteAt + note.length;
  const segments = [segment(PT_LOAD, 0, end), segment(PT_NOTE, noteAt, note.length)];
  return Buffer.concat([header(entry, segments.length), ...segments, code, note]);
}

function header(entry: number, segments: number): Buffer {
  const bytes = Buffer.alloc(EHDR_BYTES);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(entry), 24);
  bytes.writeBigUInt64LE(BigInt(EHDR_BYTES), 32);
  bytes.writeUInt16LE(EHDR_BYTES, 52);
  bytes.writeUInt16LE(PHDR_BYTES, 54);
  bytes.writeUInt16LE(segments, 56);
  return bytes;
}

function segment(type: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(PHDR_BYTES);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(5, 4);
  bytes.writeBigUInt64LE(BigInt(offset), 8);
  bytes.writeBigUInt64LE(BigInt(LOAD_ADDRESS + offset), 16);
  bytes.writeBigUInt64LE(BigInt(LOAD_ADDRESS + offset), 24);
  bytes.writeBigUInt64LE(BigInt(length), 32);
  bytes.writeBigUInt64LE(BigInt(length), 40);
  bytes.writeBigUInt64LE(type === PT_LOAD ? 0x1000n : 4n, 48);
  return bytes;
}
