export interface ElfRecipe {
  machine?: number;
  interpreter?: string;
  needed?: string[];
  soname?: string;
  rpath?: string;
  runpath?: string;
  /** Bytes behind the segments, as section tables are. */
  trailing?: number;
}

const BASE_ADDRESS = 0x400000;
const [EHDR, PHDR] = [64, 56];
const [PT_LOAD, PT_DYNAMIC, PT_INTERP] = [1, 2, 3];

/** A small ELF64 file: header, three program headers, then interpreter, strings and dynamic section in one loaded segment. */
export function makeElf(recipe: ElfRecipe): Buffer {
  const strings: Buffer[] = [Buffer.from('\0')];
  const stringOffset = (text: string): bigint => {
    const offset = Buffer.concat(strings).length;
    strings.push(Buffer.from(`${text}\0`));
    return BigInt(offset);
  };
  const tags: [bigint, bigint][] = (recipe.needed ?? []).map((name) => [1n, stringOffset(name)]);
  if (recipe.soname !== undefined) tags.push([14n, stringOffset(recipe.soname)]);
  if (recipe.rpath !== undefined) tags.push([15n, stringOffset(recipe.rpath)]);
  if (recipe.runpath !== undefined) tags.push([29n, stringOffset(recipe.runpath)]);
  const interpreter = Buffer.from(recipe.interpreter === undefined ? '' : `${recipe.interpreter}\0`);
  const interpreterAt = EHDR + 3 * PHDR;
  const stringsAt = interpreterAt + interpreter.length;
  const dynamicAt = stringsAt + Buffer.concat(strings).length;
  const entries: [bigint, bigint][] = [...tags, [5n, BigInt(BASE_ADDRESS + stringsAt)], [0n, 0n]];
  const dynamic = Buffer.alloc(entries.length * 16);
  for (const [index, [tag, value]] of entries.entries()) {
    dynamic.writeBigInt64LE(tag, index * 16);
    dynamic.writeBigUInt64LE(value, index * 16 + 8);
  }
  const end = dynamicAt + dynamic.length;
  return Buffer.concat([
    elfHeader(recipe.machine ?? 62, end),
    programHeader(PT_LOAD, 0, end),
    interpreter.length === 0 ? Buffer.alloc(PHDR) : programHeader(PT_INTERP, interpreterAt, interpreter.length),
    programHeader(PT_DYNAMIC, dynamicAt, dynamic.length),
    interpreter,
    ...strings,
    dynamic,
    Buffer.alloc(recipe.trailing ?? 0, 0xaa),
  ]);
}

function elfHeader(machine: number, sectionsAt: number): Buffer {
  const header = Buffer.alloc(EHDR);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(machine, 18);
  header.writeBigUInt64LE(BigInt(EHDR), 32);
  header.writeBigUInt64LE(BigInt(sectionsAt), 40);
  header.writeUInt16LE(PHDR, 54);
  header.writeUInt16LE(3, 56);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(7, 60);
  header.writeUInt16LE(6, 62);
  return header;
}

function programHeader(type: number, offset: number, bytes: number): Buffer {
  const header = Buffer.alloc(PHDR);
  header.writeUInt32LE(type, 0);
  header.writeBigUInt64LE(BigInt(offset), 8);
  header.writeBigUInt64LE(BigInt(BASE_ADDRESS + offset), 16);
  header.writeBigUInt64LE(BigInt(bytes), 32);
  header.writeBigUInt64LE(BigInt(bytes), 40);
  return header;
}
