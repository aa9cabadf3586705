import { type GuestMemory, isRam, outsideRam } from '../../../../src/host/monitor/guest-memory';

/** Guest memory that is a buffer of this process, from address 0. */
export class ByteMemory implements GuestMemory {
  readonly bytes: Buffer;
  readonly ranges: readonly { gpa: number; bytes: number }[];

  constructor(sizeBytes: number) {
    this.bytes = Buffer.alloc(sizeBytes);
    this.ranges = [{ gpa: 0, bytes: sizeBytes }];
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  read(gpa: number, length: number): Buffer {
    if (!isRam(this.ranges, gpa, length)) throw outsideRam('read', this.ranges, { gpa, length });
    return Buffer.from(this.bytes.subarray(gpa, gpa + length));
  }

  write(gpa: number, data: Buffer): void {
    if (!isRam(this.ranges, gpa, data.length)) throw outsideRam('write', this.ranges, { gpa, length: data.length });
    data.copy(this.bytes, gpa);
  }
}

const PRESENT = 1n;
const LARGE = 1n << 7n;
const NO_EXECUTE = 1n << 63n;

/** Page tables in a ByteMemory, a new page per table from `nextGpa` on. */
export class PageTableBuilder {
  readonly rootGpa: number;
  readonly #memory: ByteMemory;
  readonly #levels: 4 | 5;
  #nextGpa: number;

  constructor(memory: ByteMemory, { levels, nextGpa }: { levels: 4 | 5; nextGpa: number }) {
    this.#memory = memory;
    this.#levels = levels;
    this.rootGpa = nextGpa;
    this.#nextGpa = nextGpa + 4096;
  }

  /** Maps a page at `address`; `level` 1 is a page of 4 KiB, 2 of 2 MiB, 3 of 1 GiB. */
  map(address: bigint, gpa: number, level = 1): void {
    let table = this.rootGpa;
    for (let at: number = this.#levels; at > level; at--) table = this.#below(table, indexOf(address, at));
    const size = level > 1 ? LARGE : 0n;
    this.setEntry(table, indexOf(address, level), BigInt(gpa) | size | NO_EXECUTE | PRESENT);
  }

  setEntry(table: number, index: number, entry: bigint): void {
    this.#memory.bytes.writeBigUInt64LE(BigInt.asUintN(64, entry), table + index * 8);
  }

  #below(table: number, index: number): number {
    const entry = this.#memory.bytes.readBigUInt64LE(table + index * 8);
    if ((entry & PRESENT) !== 0n) return Number(entry & ~0xfffn & ~NO_EXECUTE);
    const gpa = this.#nextGpa;
    this.#nextGpa += 4096;
    this.setEntry(table, index, BigInt(gpa) | PRESENT);
    return gpa;
  }
}

function indexOf(address: bigint, level: number): number {
  return Number((address >> BigInt(12 + 9 * (level - 1))) & 0x1ffn);
}
