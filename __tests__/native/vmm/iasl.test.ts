import { beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';

import { isRequired } from '../../required';
import { builtProgram } from '../programs';
import { buildAcpi, parseAcpi, type AcpiAsked } from './acpi';
import { SHAPES } from './presets';

const hasIasl = spawnSync('iasl', ['-v']).status === 0;
/** Where the program for it is missing, a test fails only when nothing may be left out. */
const testWithIasl = hasIasl || isRequired ? test : test.skip;

const GIB = 2 ** 30;
const CHECKSUM_AT = 9;
/** The compiler that wrote a table, and its version. */
const CREATOR = { from: 28, to: 36 };

let sample: string;

beforeAll(() => {
  sample = builtProgram('host/vmm_acpi_sample');
});

function iasl(folder: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync('iasl', args, { cwd: folder, encoding: 'utf8' });
  const output = `${stdout}${stderr}`.replace('0 Errors, 0 Warnings', '');
  expect({ args, status, complaints: complaintsIn(output) }).toEqual({ args, status: 0, complaints: [] });
}

/** Lines that complain, but for those of the dump of the bytes. */
function complaintsIn(text: string): string[] {
  const isDump = (line: string): boolean => /^ +[0-9A-F]{4}: /.test(line);
  const complains = (line: string): boolean => /\*\*|error|warning|invalid|unknown|incorrect|could not/i.test(line);
  return text.split('\n').filter((line) => complains(line) && !isDump(line));
}

/** What does not depend on the compiler of a table. */
function content(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(0, CHECKSUM_AT);
  return copy.fill(0, CREATOR.from, CREATOR.to);
}

/** Disassembles every table, compiles the result, expects the same bytes; gives the text of each. */
function throughIasl(asked: AcpiAsked): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'ktstr-iasl-'));
  try {
    const texts = new Map<string, string>();
    for (const [signature, bytes] of parseAcpi(buildAcpi(sample, asked).bytes)) {
      writeFileSync(join(folder, `${signature}.dat`), bytes);
      iasl(folder, ['-d', `${signature}.dat`]);
      const text = readFileSync(join(folder, `${signature}.dsl`), 'utf8');
      expect(complaintsIn(text)).toEqual([]);
      iasl(folder, ['-oa', '-p', `compiled-${signature}`, `${signature}.dsl`]);
      const compiled = readFileSync(join(folder, `compiled-${signature}.aml`));
      if (signature === 'FACS') expect(compiled).toEqual(bytes);
      else expect(content(compiled)).toEqual(content(bytes));
      texts.set(signature, text);
    }
    return texts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const devicesOf = (count: number): { base: number; size: number; gsi: number; edge: boolean }[] =>
  Array.from({ length: count }, (_, i) => ({ base: 0xd000_0000 + i * 0x1000, size: 0x1000, gsi: 5 + i, edge: i > 0 }));

testWithIasl.each(SHAPES)('iasl reads all tables of $name, and compiles them to the same bytes', ({ topology }) => {
  const nodes = topology.numaNodes + 1;
  const memory = Array.from({ length: nodes }, (_, node) => ({ gpa: node * 4 * GIB, size: GIB, node }));
  const speeds = memory.map(({ node }) => ({ latencyNs: 100, bandwidthMbps: 51_200, cacheBytes: node * 2 ** 20 }));
  const texts = throughIasl({ topology, memory, speeds, devices: devicesOf(2) });
  expect([...texts.keys()].toSorted()).toEqual(['APIC', 'DSDT', 'FACP', 'FACS', 'HMAT', 'SLIT', 'SRAT', 'XSDT']);
});

/** One byte of package length, then two, then three. */
testWithIasl.each([0, 1, 3, 20, 64])('iasl reads a DSDT of %d devices', (count) => {
  const topology = { numaNodes: 1, llcs: 1, cores: 1, threads: 1 };
  const devices = devicesOf(count);
  const dsdt = throughIasl({ topology, devices, reduced: true }).get('DSDT') ?? '';
  expect(dsdt).toMatch(/Name \(_S5, Package \(0x04\)[^{]*\{\s*0x05,\s*Zero,\s*Zero,\s*Zero\s*\}\)/);
  const device =
    /Device \((V\w+)\)\s*\{\s*Name \(_HID, "LNRO0005"\)[^\n]*\s*Name \(_UID, (\w+)\)[^\n]*\s*Name \(_CCA, One\)[^]*?Memory32Fixed \(ReadWrite,\s*(\w+),[^\n]*\s*(\w+),[^\n]*\s*\)\s*Interrupt \(ResourceConsumer, (\w+), ActiveHigh, Exclusive, ,, \)\s*\{\s*(\w+),\s*\}/g;
  const integer = (text: string): number => Number(text.replace('Zero', '0').replace('One', '1'));
  const read = [...dsdt.matchAll(device)].map(
    ([, name = '', uid = '', base = '', size = '', trigger = '', gsi = '']) => ({
      ...{ name, uid: integer(uid), base: Number(base), size: Number(size), gsi: Number(gsi) },
      edge: trigger === 'Edge',
    }),
  );
  const name = (i: number): string => `V${i.toString(16).toUpperCase().padStart(3, '0')}`;
  expect(read).toEqual(devices.map((each, i) => ({ ...each, name: name(i), uid: i })));
});
