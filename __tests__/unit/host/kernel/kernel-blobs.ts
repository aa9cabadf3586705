/** The smallest content that `describeImage` takes for a bzImage of that version text. */
export function bzImage(version: string, change: (image: Buffer) => void = () => undefined): Buffer {
  const image = Buffer.alloc(0x1000);
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(0x20f, 0x206);
  image.writeUInt16LE(0x800, 0x20e);
  image.write(`${version}\0`, 0x800 + 0x200, 'latin1');
  change(image);
  return image;
}

/** An ELF file for that machine with the text at that offset. */
export function elfKernel(text: string, at: { machine?: number; offset?: number } = {}): Buffer {
  const { machine = 62, offset = 0x100 } = at;
  const image = Buffer.alloc(offset + text.length + 1);
  image.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  image.writeUInt16LE(machine, 18);
  image.write(text, offset, 'latin1');
  return image;
}

/** A module: an ELF64 object with the section of names, one to be passed over, and .modinfo with these texts. */
export function moduleElf(info: Record<string, string>): Buffer {
  const names = Buffer.from('\0.text\0.modinfo\0.shstrtab\0', 'latin1');
  const modinfo = Buffer.from(
    Object.entries(info)
      .map(([key, value]) => `${key}=${value}\0`)
      .join(''),
    'latin1',
  );
  const sections = [
    { name: 0, content: Buffer.alloc(0) },
    { name: names.indexOf('.text'), content: Buffer.from('depends=not_this_one\0') },
    { name: names.indexOf('.modinfo'), content: modinfo },
    { name: names.indexOf('.shstrtab'), content: names },
  ];
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(sections.length, 0x3c);
  header.writeUInt16LE(sections.length - 1, 0x3e);
  let offset = header.length;
  const entries = sections.map(({ name, content }) => {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(name, 0);
    entry.writeBigUInt64LE(BigInt(offset), 0x18);
    entry.writeBigUInt64LE(BigInt(content.length), 0x20);
    offset += content.length;
    return entry;
  });
  header.writeBigUInt64LE(BigInt(offset), 0x28);
  return Buffer.concat([header, ...sections.map((section) => section.content), ...entries]);
}
