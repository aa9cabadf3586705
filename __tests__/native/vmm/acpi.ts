import { execFileSync } from 'node:child_process';

import { topologyArgs } from './cpuid';
import type { Shape } from './presets';

export interface AcpiAsked {
  topology: Shape;
  memory?: { gpa: number; size: number; node: number }[];
  devices?: { base: number; size: number; gsi: number; edge?: boolean }[];
  /** By node. */
  speeds?: { latencyNs: number; bandwidthMbps: number; cacheBytes?: number }[];
  distances?: number[][];
  reduced?: boolean;
  capacity?: number;
}

export interface AcpiBlob {
  length: number;
  /** What was written within the capacity. */
  bytes: Buffer;
  /** What stands behind the capacity, or the tables. */
  behind: Buffer;
}

/** Physical address of the tables. */
export const BASE_GPA = 0xe_0000;
const BEHIND_BYTES = 16;

export function buildAcpi(sample: string, asked: AcpiAsked): AcpiBlob {
  const { memory = [], devices = [], speeds = [], distances = [], reduced = false, capacity } = asked;
  const lines = [
    ...memory.map(({ gpa, size, node }) => `memory ${gpa} ${size} ${node}`),
    ...devices.map(({ base, size, gsi, edge = false }) => `device ${base} ${size} ${gsi} ${Number(edge)}`),
    ...speeds.map(
      ({ latencyNs, bandwidthMbps, cacheBytes = 0 }) => `speed ${latencyNs} ${bandwidthMbps} ${cacheBytes}`,
    ),
    ...(distances.length > 0 ? [`distances ${distances.flat().join(' ')}`] : []),
  ];
  const args = [...topologyArgs(asked.topology), String(BASE_GPA), reduced ? 'reduced' : 'fixed'];
  const stdout = execFileSync(sample, capacity === undefined ? args : [...args, String(capacity)], {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
  });
  const [length = '', hex = ''] = stdout.trim().split(' ');
  const all = Buffer.from(hex, 'hex');
  return { length: Number(length), bytes: all.subarray(0, -BEHIND_BYTES), behind: all.subarray(-BEHIND_BYTES) };
}

const HEADER_BYTES = 36;
const RSDP_BYTES = 36;
const FIRST_RSDP_BYTES = 20;

/** Tables by signature, reached from the RSDP as a guest reaches them. */
export type AcpiTables = Map<string, Buffer>;

/** @throws {Error} when a signature, length, checksum or address is wrong */
export function parseAcpi(blob: Buffer): AcpiTables {
  const rsdp = blob.subarray(0, RSDP_BYTES);
  if (rsdp.toString('latin1', 0, 8) !== 'RSD PTR ') throw new Error('no RSDP');
  for (const length of [FIRST_RSDP_BYTES, RSDP_BYTES]) expectSumZero(rsdp.subarray(0, length), 'RSDP');
  const xsdt = tableAt(blob, rsdp.readBigUInt64LE(24), 'XSDT');
  const tables: AcpiTables = new Map([['XSDT', xsdt]]);
  for (let at = HEADER_BYTES; at < xsdt.length; at += 8) {
    const table = tableAt(blob, xsdt.readBigUInt64LE(at));
    tables.set(table.toString('latin1', 0, 4), table);
  }
  const fadt = tables.get('FACP');
  if (!fadt) throw new Error('no FADT');
  tables.set('DSDT', tableAt(blob, fadt.readBigUInt64LE(140), 'DSDT'));
  const facs = fadt.readBigUInt64LE(132);
  if (facs !== 0n) tables.set('FACS', facsAt(blob, facs));
  return tables;
}

function tableAt(blob: Buffer, gpa: bigint, signature?: string): Buffer {
  const at = Number(gpa) - BASE_GPA;
  const found = blob.toString('latin1', at, at + 4);
  if (signature !== undefined && found !== signature) throw new Error(`no ${signature} at ${at}`);
  if (at % 16 !== 0) throw new Error(`${found} is not aligned`);
  const table = blob.subarray(at, at + blob.readUInt32LE(at + 4));
  if (table.length !== blob.readUInt32LE(at + 4)) throw new Error(`${found} does not end within the tables`);
  expectSumZero(table, found);
  return table;
}

function facsAt(blob: Buffer, gpa: bigint): Buffer {
  const at = Number(gpa) - BASE_GPA;
  if (gpa % 64n !== 0n || blob.toString('latin1', at, at + 4) !== 'FACS') throw new Error(`no FACS at ${at}`);
  return blob.subarray(at, at + blob.readUInt32LE(at + 4));
}

function expectSumZero(bytes: Buffer, name: string): void {
  const sum = bytes.reduce((total, byte) => (total + byte) % 256, 0);
  if (sum !== 0) throw new Error(`the checksum of ${name} is off by ${sum}`);
}

/** The structures behind the fixed part of a MADT or SRAT: a byte of type, a byte of length. */
export function structuresOf(table: Buffer, fixedBytes: number): { type: number; bytes: Buffer }[] {
  const structures: { type: number; bytes: Buffer }[] = [];
  for (let at = HEADER_BYTES + fixedBytes; at < table.length;) {
    const bytes = table.subarray(at, at + table.readUInt8(at + 1));
    if (bytes.length < 2 || bytes.length !== table.readUInt8(at + 1))
      throw new Error(`a structure ends wrongly at ${at}`);
    structures.push({ type: bytes.readUInt8(0), bytes });
    at += bytes.length;
  }
  return structures;
}

/** Those of an HMAT: two bytes of type, four of length. */
export function hmatStructures(table: Buffer): { type: number; bytes: Buffer }[] {
  const structures: { type: number; bytes: Buffer }[] = [];
  for (let at = HEADER_BYTES + 4; at < table.length;) {
    const bytes = table.subarray(at, at + table.readUInt32LE(at + 4));
    if (bytes.length < 8 || bytes.length !== table.readUInt32LE(at + 4))
      throw new Error(`a structure ends wrongly at ${at}`);
    structures.push({ type: bytes.readUInt16LE(0), bytes });
    at += bytes.length;
  }
  return structures;
}
