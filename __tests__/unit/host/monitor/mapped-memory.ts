import { KernelMemory } from '../../../../src/host/monitor/memory/kernel-memory';
import { ByteMemory, PageTableBuilder } from './byte-memory';

const PAGE = 4096;
const TABLES_GPA = 0x8_0000;
const RAM_BYTES = 0x10_0000;

/** Where the memory begins that `mappedMemory` makes. */
export const BASE = 0xffff_8881_0000_0000n;

/** Kernel memory whose first pages, in order, are at BASE. */
export function mappedMemory(pages: number): { bytes: Buffer; memory: KernelMemory; tables: PageTableBuilder } {
  const physical = new ByteMemory(RAM_BYTES);
  const tables = new PageTableBuilder(physical, { levels: 4, nextGpa: TABLES_GPA });
  for (let page = 0; page < pages; page++) tables.map(BASE + BigInt(page * PAGE), page * PAGE);
  return { bytes: physical.bytes, tables, memory: new KernelMemory(physical, { rootGpa: tables.rootGpa, levels: 4 }) };
}
