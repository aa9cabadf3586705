import { HarnessError } from '../../../errors';
import { type GuestMemory, isRam } from '../guest-memory';
import { findPage, type Mapping, type PageTables } from './page-tables';

const PAGE_BITS = 12n;
/** Of a read, against lengths that come from torn or hostile memory. */
const MAX_READ_BYTES = 64 * 1024 * 1024;

/**
 * The kernel's virtual memory, through its page tables. Translations are kept until `forget`: they hold for the kernel's image, the direct
 * map and per-CPU memory for good, for vmalloc memory as long as it is not freed.
 */
export class KernelMemory {
  readonly physical: GuestMemory;
  readonly tables: PageTables;
  readonly #pages = new Map<bigint, Mapping>();

  constructor(physical: GuestMemory, tables: PageTables) {
    this.physical = physical;
    this.tables = tables;
  }

  /** Guest-physical address, or null where nothing is mapped or what is mapped is not RAM. */
  translate(address: bigint): number | null {
    const page = this.#page(address);
    return page && page.gpa + Number(address & BigInt(page.bytes - 1));
  }

  /** @throws {HarnessError} `guest-memory` when a part is not mapped or not RAM */
  read(address: bigint, length: number): Buffer {
    if (!Number.isSafeInteger(length) || length < 0 || length > MAX_READ_BYTES)
      throw refused('read', address, `${length} bytes are more than ${MAX_READ_BYTES} at a time`);
    const out = Buffer.alloc(length);
    for (const part of this.#parts('read', address, length))
      this.physical.read(part.gpa, part.length).copy(out, part.offset);
    return out;
  }

  /** @throws {HarnessError} `guest-memory`, and nothing is written, when a part is not mapped or not RAM */
  write(address: bigint, data: Buffer): void {
    for (const part of [...this.#parts('write', address, data.length)])
      this.physical.write(part.gpa, data.subarray(part.offset, part.offset + part.length));
  }

  readU32(address: bigint): number {
    return this.read(address, 4).readUInt32LE();
  }

  readU64(address: bigint): bigint {
    return this.read(address, 8).readBigUInt64LE();
  }

  /** Text up to its NUL, or as much of it as there is in `maxLength` bytes. */
  readText(address: bigint, maxLength: number): string {
    const bytes = this.read(address, maxLength);
    const end = bytes.indexOf(0);
    return bytes.toString('latin1', 0, end < 0 ? maxLength : end);
  }

  /** Drops what is known of translations. */
  forget(): void {
    this.#pages.clear();
  }

  *#parts(action: string, address: bigint, length: number): Generator<{ gpa: number; offset: number; length: number }> {
    for (let offset = 0; offset < length;) {
      const at = address + BigInt(offset);
      const page = this.#page(at);
      if (page === null) throw refused(action, at, 'nothing is mapped there');
      const inPage = Number(at & BigInt(page.bytes - 1));
      const part = { gpa: page.gpa + inPage, offset, length: Math.min(length - offset, page.bytes - inPage) };
      if (!isRam(this.physical.ranges, part.gpa, part.length))
        throw refused(action, at, `it is mapped to 0x${part.gpa.toString(16)}, which is not RAM`);
      yield part;
      offset += part.length;
    }
  }

  #page(address: bigint): Mapping | null {
    const number = BigInt.asUintN(64, address) >> PAGE_BITS;
    const known = this.#pages.get(number);
    if (known) return known;
    const found = findPage(this.physical, this.tables, address);
    if (found !== null) this.#pages.set(number, found);
    return found;
  }
}

function refused(action: string, address: bigint, problem: string): HarnessError {
  return new HarnessError('guest-memory', {
    action,
    address: `0x${BigInt.asUintN(64, address).toString(16)}`,
    problem,
  });
}
