const HEADER_BYTES = 64;
const ENTRY_BYTES = 56;
const PT_LOAD = 1;
const PT_NOTE = 4;

export interface Note {
  owner: string;
  type: number;
  descriptor?: Buffer;
}

/** Note of include/xen/interface/elfnote.h that says where a PVH loader enters a kernel. */
export const PVH_NOTE: Note = { owner: 'Xen', type: 18, descriptor: Buffer.alloc(8) };

function encodeNote({ owner, type, descriptor = Buffer.alloc(0) }: Note): Buffer {
  const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const name = Buffer.from(`${owner}\0`);
  const header = Buffer.alloc(12);
  for (const [index, value] of [name.length, descriptor.length, type].entries()) header.writeUInt32LE(value, index * 4);
  return Buffer.concat([header, padded(name), padded(descriptor)]);
}

/** An x86-64 ELF with a segment to load and then one of notes for each list. */
export function elfWithNotes(...lists: readonly (readonly Note[])[]): Buffer {
  const segments = [
    { type: PT_LOAD, content: Buffer.from('code of the kernel') },
    ...lists.map((notes) => ({ type: PT_NOTE, content: Buffer.concat(notes.map(encodeNote)) })),
  ];
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  header.writeUInt16LE(ENTRY_BYTES, 54);
  header.writeUInt16LE(segments.length, 56);
  let offset = HEADER_BYTES + segments.length * ENTRY_BYTES;
  const entries = segments.map(({ type, content }) => {
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.writeUInt32LE(type, 0);
    entry.writeBigUInt64LE(BigInt(offset), 8);
    entry.writeBigUInt64LE(BigInt(content.length), 32);
    offset += content.length;
    return entry;
  });
  return Buffer.concat([header, ...entries, ...segments.map(({ content }) => content)]);
}

/** A bzImage with that payload, as Documentation/arch/x86/boot.rst lays it out; `setupSectors` 0 means 4. */
export function packedKernel(payload: Buffer, setupSectors = 2): Buffer {
  const payloadOffset = 0x30;
  const start = ((setupSectors || 4) + 1) * 512 + payloadOffset;
  const image = Buffer.alloc(start + payload.length + 100, 0xee);
  image.writeUInt8(setupSectors, 0x1f1);
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt32LE(payloadOffset, 0x248);
  image.writeUInt32LE(payload.length, 0x24c);
  payload.copy(image, start);
  return image;
}
