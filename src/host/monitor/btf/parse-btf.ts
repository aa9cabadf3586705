import { Btf } from './btf';
import { BtfStrings } from './strings';
import { indexRecords, readSections } from './wire';

/**
 * Reads the BTF of a kernel or a BPF program; with a base, that of a module, whose ids and strings go on where those of its kernel end. Only
 * where each type starts is found out: that takes some milliseconds for a kernel.
 * @throws HarnessError `decode`
 */
export function parseBtf(blob: Buffer, base?: Btf): Btf {
  const { words, strings } = readSections(blob, base !== undefined);
  const starts = indexRecords(words, base?.endId ?? 1);
  return new Btf({ words, starts, strings: new BtfStrings(strings, base?.strings), base });
}
