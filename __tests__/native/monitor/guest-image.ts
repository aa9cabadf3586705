import { ftruncateSync, readSync, writeSync } from 'node:fs';

import { AnonymousFile } from '../../../src/host/machine/anonymous-file';
import type { AddressSpace, RamRange } from '../../../src/host/native/address-space';
import { NativeMonitor } from '../../../src/host/native/monitor';
import { builtProgram } from '../programs';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** A range of RAM at 0 and one at 4 GiB, with nothing between. */
export const LOW = { gpa: 0, bytes: 8 * MIB };
export const HIGH = { gpa: 4 * GIB, bytes: 8 * MIB };

/** Level of the table whose entries lead to pages of the size. */
export const PAGE_LEVELS = { '4 KiB': 1, '2 MiB': 2, '1 GiB': 3 } as const;
export type PageSize = keyof typeof PAGE_LEVELS;

export const PRESENT = 1n;
export const LARGE = 1n << 7n;
/** Writable, accessed, dirty, global, for software, protection key, no execution: none of it is part of an address. */
export const DECORATION = 0xfff0_0000_0000_0f62n;

/** RAM of a guest that has page tables and whatever a test puts there. Tables grow downwards from the end of `LOW`. */
export class GuestImage implements Disposable {
  readonly file = new AnonymousFile(LOW.bytes + HIGH.bytes);
  readonly levels: 4 | 5;
  readonly root: number;
  #tablesFrom = LOW.bytes;

  constructor(levels: 4 | 5 = 4) {
    this.levels = levels;
    ftruncateSync(this.file.fd, LOW.bytes + HIGH.bytes);
    this.root = this.#newTable();
  }

  get ranges(): RamRange[] {
    return [
      { ...LOW, fd: this.file.fd, fileOffset: 0 },
      { ...HIGH, fd: this.file.fd, fileOffset: LOW.bytes },
    ];
  }

  async monitor(space: Partial<AddressSpace> = {}): Promise<NativeMonitor> {
    builtProgram('host/libktstr_monitor.so');
    const own = { rootGpa: BigInt(this.root), levels: this.levels, windows: [], tlbMs: 0 };
    return NativeMonitor.create(this.ranges, { ...own, ...space });
  }

  write(gpa: number, data: Buffer): void {
    writeSync(this.file.fd, data, 0, data.length, fileOffset(gpa));
  }

  writeU64(gpa: number, value: bigint): void {
    const word = Buffer.alloc(8);
    word.writeBigUInt64LE(value);
    this.write(gpa, word);
  }

  /** Makes a page of the kernel lead to guest-physical memory. */
  map(kva: bigint, gpa: number, { size = '4 KiB', bits = 0n }: { size?: PageSize; bits?: bigint } = {}): void {
    const level = PAGE_LEVELS[size];
    this.writeU64(this.entryAt(kva, level), BigInt(gpa) | PRESENT | bits | (level > 1 ? LARGE : 0n));
  }

  /** Where the entry of an address is in the table of a level; tables above it are made. */
  entryAt(kva: bigint, level: number): number {
    let table = this.root;
    for (let above = this.levels as number; above > level; above--) {
      const at = table + entryIndex(kva, above) * 8;
      const entry = this.#readU64(at);
      table = Number(entry & 0x000f_ffff_ffff_f000n);
      if ((entry & PRESENT) !== 0n) continue;
      table = this.#newTable();
      this.writeU64(at, BigInt(table) | PRESENT | DECORATION);
    }
    return table + entryIndex(kva, level) * 8;
  }

  #readU64(gpa: number): bigint {
    const word = Buffer.alloc(8);
    readSync(this.file.fd, word, 0, 8, fileOffset(gpa));
    return word.readBigUInt64LE();
  }

  #newTable(): number {
    this.#tablesFrom -= 4096;
    return this.#tablesFrom;
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }
}

function entryIndex(kva: bigint, level: number): number {
  return Number((kva >> BigInt(12 + 9 * (level - 1))) & 0x1ffn);
}

function fileOffset(gpa: number): number {
  return gpa < LOW.bytes ? gpa : gpa - HIGH.gpa + LOW.bytes;
}
