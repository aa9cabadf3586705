import { describe, expect, test } from '@jest/globals';

import { findVmcoreinfo, readVmcoreinfo } from '../../../../../src/host/monitor/symbols/vmcoreinfo';
import { ByteMemory } from '../byte-memory';

const MIB = 1024 * 1024;
const TEXT = [
  'OSRELEASE=6.12.1',
  'BUILD-ID=0a1b',
  'PAGESIZE=4096',
  'SYMBOL(swapper_pg_dir)=ffffffff82a10000',
  'NUMBER(phys_base)=-16777216',
  'NUMBER(pgtable_l5_enabled)=1',
  'KERNELOFFSET=1e000000',
  '',
].join('\n');

function withNote(text: string, { gpa = 5 * MIB, length = text.length } = {}): ByteMemory {
  const memory = new ByteMemory(8 * MIB);
  memory.bytes.writeUInt32LE(11, gpa);
  memory.bytes.writeUInt32LE(length, gpa + 4);
  memory.bytes.write('VMCOREINFO\0\0', gpa + 12);
  memory.bytes.write(text, gpa + 24);
  return memory;
}

describe('readVmcoreinfo()', () => {
  test('takes what is needed from the text', () => {
    expect(readVmcoreinfo(withNote(TEXT), 5 * MIB)).toEqual({
      release: '6.12.1',
      buildId: '0a1b',
      kernelOffset: 0x1e000000n,
      physBase: -16777216n,
      hasFiveLevels: true,
      symbols: new Map([['swapper_pg_dir', 0xffffffff82a10000n]]),
    });
  });

  test('does without a build id and a fifth level', () => {
    const text = TEXT.replace(/BUILD-ID.*\n/, '').replace(/.*l5_enabled.*\n/, '');
    expect(readVmcoreinfo(withNote(text), 5 * MIB)).toMatchObject({ buildId: null, hasFiveLevels: false });
  });

  test.each([
    { name: 'another note', memory: withNote(TEXT), gpa: 4 * MIB, says: 'no note of that name' },
    { name: 'a place outside of RAM', memory: withNote(TEXT), gpa: 9 * MIB, says: 'outside RAM' },
    { name: 'an absurd length', memory: withNote(TEXT, { length: 2 ** 31 }), gpa: 5 * MIB, says: 'more than 65536' },
    {
      name: 'a text that ends early',
      memory: withNote(TEXT, { length: 30 }),
      gpa: 5 * MIB,
      says: 'there is no KERNELOFFSET',
    },
    {
      name: 'a number that is none',
      memory: withNote(TEXT.replace('-16777216', 'x')),
      gpa: 5 * MIB,
      says: '"x" is not a number',
    },
  ])('refuses $name', ({ memory, gpa, says }) => {
    expect(() => readVmcoreinfo(memory, gpa)).toThrow(says);
  });
});

describe('findVmcoreinfo()', () => {
  test('finds the note, passing over a broken copy before it', () => {
    const memory = withNote(TEXT);
    withNote(TEXT, { length: 40 }).bytes.copy(memory.bytes, MIB, 5 * MIB, 5 * MIB + 4096);
    expect(findVmcoreinfo(memory)?.release).toBe('6.12.1');
  });

  test('finds nothing in memory without a note', () => {
    expect(findVmcoreinfo(new ByteMemory(8 * MIB))).toBeNull();
  });
});
