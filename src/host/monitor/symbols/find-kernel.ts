import { HarnessError, isHarnessError } from '../../../errors';
import type { GuestMemory } from '../guest-memory';
import { findPage } from '../memory/page-tables';
import { type RawKallsyms, readTables, symbolAddress, type TableMemory } from './kallsyms';
import { IMAGE_BASE } from './locate-kernel';
import { occurrences, scanKallsyms } from './scan-kallsyms';
import type { Vmcoreinfo } from './vmcoreinfo';

/** `linux_banner` begins so. Other texts do, too; they are not where kallsyms has it. */
const BANNER = 'Linux version ';
/** What `swapper_pg_dir` is a macro for, on x86-64. */
const PAGE_TABLES = 'init_top_pgt';
const MAX_BANNER_BYTES = 512;
/** CONFIG_PHYSICAL_ALIGN, and what KASLR moves an image by. */
const ALIGNMENT = 2n * 1024n * 1024n;
/** LOAD_PHYSICAL_ADDR of arch/x86: where an image is linked to begin. */
const LINK_OFFSET = 0x100_0000n;
const NT_GNU_BUILD_ID = 3;
const MAX_NOTES_BYTES = 64 * 1024;

/**
 * What VMCOREINFO tells, of a kernel that has not written it yet or never does: from its image, as it lies in memory from the first
 * instruction on. Null when there is none, or one whose tables nobody knows here (Linux before 6.4). Reads all of memory.
 */
export function findKernelImage(memory: GuestMemory): Vmcoreinfo | null {
  for (const tables of scanKallsyms(memory)) {
    const found = attempt(() => identify(memory, tables));
    if (found !== null) return found;
  }
  return null;
}

/** What looks like an image may be a stale one that has been overwritten in part. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isHarnessError(error) || error instanceof RangeError) return null;
    throw error;
  }
}

function identify(memory: GuestMemory, tables: ReadonlyMap<string, number>): Vmcoreinfo | null {
  const addresses = new Map([...tables].map(([name, gpa]) => [name, BigInt(gpa)]));
  const kallsyms = readTables(physicalMemory(memory), addresses);
  const index = kallsyms.names.find('linux_banner');
  if (index === undefined) return null;
  for (const hasAbsolutes of [true, false]) {
    const banner = symbolAddress({ ...kallsyms, hasAbsolutes }, index, kallsyms.base);
    for (const gpa of occurrences(memory, Buffer.from(BANNER, 'latin1'))) {
      const physBase = BigInt(gpa) - (banner - IMAGE_BASE);
      const image = new Image(memory, { kallsyms: { ...kallsyms, hasAbsolutes }, physBase });
      if (image.maps(banner, gpa)) return image.describe(banner, tables);
    }
  }
  return null;
}

/** Reads by guest-physical address what otherwise is read by a virtual one. */
function physicalMemory(memory: GuestMemory): TableMemory {
  const read = (address: bigint, length: number): Buffer => memory.read(Number(address), length);
  return { read, readU32: (at) => read(at, 4).readUInt32LE(), readU64: (at) => read(at, 8).readBigUInt64LE() };
}

interface Place {
  kallsyms: RawKallsyms & { hasAbsolutes: boolean };
  physBase: bigint;
}

/** An image that is taken to lie at a place. */
class Image {
  readonly #memory: GuestMemory;
  readonly #kallsyms: Place['kallsyms'];
  readonly #physBase: bigint;

  constructor(memory: GuestMemory, { kallsyms, physBase }: Place) {
    this.#memory = memory;
    this.#kallsyms = kallsyms;
    this.#physBase = physBase;
  }

  /** Whether it does: its own page tables have to say of an address where it is. */
  maps(address: bigint, gpa: number): boolean {
    if (address < IMAGE_BASE || this.#physBase % ALIGNMENT !== 0n) return false;
    const tables = { rootGpa: this.#gpa(this.#need(PAGE_TABLES)), levels: this.#hasFiveLevels() ? 5 : 4 } as const;
    const page = findPage(this.#memory, tables, address);
    return page !== null && page.gpa + Number(address % BigInt(page.bytes)) === gpa;
  }

  describe(banner: bigint, tables: ReadonlyMap<string, number>): Vmcoreinfo {
    const text = this.#memory.read(this.#gpa(banner), MAX_BANNER_BYTES).toString('latin1');
    const [, release = ''] = /^Linux version (\S+)/.exec(text) ?? [];
    const places = [...tables].map(([name, gpa]) => [name, BigInt(gpa) - this.#physBase + IMAGE_BASE] as const);
    return {
      release,
      buildId: attempt(() => this.#buildId()),
      kernelOffset: this.#need('_text') - IMAGE_BASE - LINK_OFFSET,
      physBase: this.#physBase,
      hasFiveLevels: this.#hasFiveLevels(),
      symbols: new Map([['swapper_pg_dir', this.#need(PAGE_TABLES)], ['linux_banner', banner], ...places]),
    };
  }

  #find(name: string): bigint | null {
    const index = this.#kallsyms.names.find(name);
    return index === undefined ? null : symbolAddress(this.#kallsyms, index, this.#kallsyms.base);
  }

  #need(name: string): bigint {
    const address = this.#find(name);
    if (address === null) throw new HarnessError('symbol-unknown', { symbol: name });
    return address;
  }

  #gpa(address: bigint): number {
    return Number(address - IMAGE_BASE + this.#physBase);
  }

  #hasFiveLevels(): boolean {
    const flag = this.#find('__pgtable_l5_enabled');
    return flag !== null && this.#memory.read(this.#gpa(flag), 4).readUInt32LE() !== 0;
  }

  /** Hex, from the note of the link editor. Each note: sizes of name and content, a type, both padded to four bytes. */
  #buildId(): string | null {
    const [start, end] = [this.#find('__start_notes'), this.#find('__stop_notes')];
    if (start === null || end === null || end <= start) return null;
    const notes = this.#memory.read(this.#gpa(start), Math.min(Number(end - start), MAX_NOTES_BYTES));
    for (let at = 0; at + 12 <= notes.length;) {
      const [nameBytes, bytes, type] = [notes.readUInt32LE(at), notes.readUInt32LE(at + 4), notes.readUInt32LE(at + 8)];
      const content = at + 12 + padded(nameBytes);
      if (type === NT_GNU_BUILD_ID && notes.toString('latin1', at + 12, at + 16) === 'GNU\0')
        return notes.toString('hex', content, content + bytes);
      at = content + padded(bytes);
    }
    return null;
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
