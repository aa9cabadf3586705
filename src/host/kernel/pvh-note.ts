const PROGRAM_HEADER_OFFSET = 32;
const PROGRAM_HEADER_BYTES = 54;
const PROGRAM_HEADER_COUNT = 56;
const PT_NOTE = 4;
const NOTE_HEADER_BYTES = 12;
/** XEN_ELFNOTE_PHYS32_ENTRY of include/xen/interface/elfnote.h: where a PVH loader enters the kernel. */
const PHYS32_ENTRY = 18;

/** Whether an x86-64 ELF kernel says where a PVH loader enters it. */
export function hasPvhEntry(elf: Buffer): boolean {
  if (elf.length < 64 || elf.toString('latin1', 0, 4) !== '\x7fELF') return false;
  const tableAt = Number(elf.readBigUInt64LE(PROGRAM_HEADER_OFFSET));
  const entryBytes = elf.readUInt16LE(PROGRAM_HEADER_BYTES);
  for (let index = 0; index < elf.readUInt16LE(PROGRAM_HEADER_COUNT); index++) {
    const at = tableAt + index * entryBytes;
    if (at + 56 > elf.length) return false;
    if (elf.readUInt32LE(at) !== PT_NOTE) continue;
    const start = Number(elf.readBigUInt64LE(at + 8));
    if (hasNote(elf.subarray(start, start + Number(elf.readBigUInt64LE(at + 32))))) return true;
  }
  return false;
}

function hasNote(notes: Buffer): boolean {
  const padded = (length: number): number => Math.ceil(length / 4) * 4;
  for (let at = 0; at + NOTE_HEADER_BYTES <= notes.length;) {
    const nameBytes = notes.readUInt32LE(at);
    const owner = notes.toString('latin1', at + NOTE_HEADER_BYTES, at + NOTE_HEADER_BYTES + nameBytes);
    if (owner === 'Xen\0' && notes.readUInt32LE(at + 8) === PHYS32_ENTRY) return true;
    at += NOTE_HEADER_BYTES + padded(nameBytes) + padded(notes.readUInt32LE(at + 4));
  }
  return false;
}
