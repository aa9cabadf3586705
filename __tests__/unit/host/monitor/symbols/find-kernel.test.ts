import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { findKernelImage } from '../../../../../src/host/monitor/symbols/find-kernel';
import { locateKernel } from '../../../../../src/host/monitor/symbols/locate-kernel';
import { ByteMemory } from '../byte-memory';
import { FUZZ_CASES, FUZZ_TIMEOUT_MS } from '../fuzz-cases';
import { smallImage } from './small-image';

const MIB = 1024 * 1024;

describe('findKernelImage()', () => {
  test.each([
    { name: 'with per-CPU offsets', shape: {} },
    { name: 'relative to a base', shape: { hasAbsolutes: false } },
    { name: 'with five levels of page tables', shape: { levels: 5 as const } },
    { name: 'that KASLR has moved', shape: { moved: 0x1a0_0000n, gpa: 6 * MIB } },
  ])('finds an image $name, and all that it has symbols for', ({ shape }) => {
    const { memory, gpa, symbols, release, buildId } = smallImage(shape);
    const found = findKernelImage(memory);
    const start = symbols.get('_text') ?? 0n;
    expect(found).toMatchObject({
      ...{ release, buildId, hasFiveLevels: shape.levels === 5, kernelOffset: shape.moved ?? 0n },
      physBase: BigInt(gpa) - (start - 0xffff_ffff_8000_0000n),
    });
    const located = locateKernel(memory, found!);
    expect([...symbols.keys()].map((name) => [name, located.symbols.find(name)])).toEqual([...symbols]);
    expect(located.memory.readText(start + 0x40000n, 13)).toBe('Linux version');
  });

  test('passes over texts that begin like the banner, and over digits that are no tokens', () => {
    const { memory, release } = smallImage();
    for (let at = 0; at < 3 * MIB; at += 0x10000) {
      memory.bytes.write('Linux version 5.0 was here', at, 'latin1');
      memory.bytes.write('0123456789'.split('').join('\0'), at + 0x8000, 'latin1');
    }
    expect(findKernelImage(memory)?.release).toBe(release);
  });

  test('is null without an image, and for one whose page tables say that it is elsewhere', () => {
    expect(findKernelImage(new ByteMemory(8 * MIB))).toBeNull();
    const { memory, gpa } = smallImage();
    memory.bytes.fill(0, gpa + 0x1000, gpa + 0x2000);
    expect(findKernelImage(memory)).toBeNull();
  });

  test('a note that is cut off costs the build id alone', () => {
    const { memory, gpa, release } = smallImage();
    memory.bytes.writeUInt32LE(0xffff_fff0, gpa + 0x42000);
    expect(findKernelImage(memory)).toMatchObject({ release, buildId: null });
  });

  test(
    'finds or gives up, whatever bytes of the tables are changed',
    () => {
      const { memory, tables } = smallImage();
      const whole = Buffer.from(memory.bytes);
      let lost = 0;
      const change = fc.tuple(fc.integer({ min: tables.start, max: tables.end - 1 }), fc.integer({ min: 0, max: 255 }));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
          for (const [at, value] of changes) memory.bytes[at] = value;
          const found = findKernelImage(memory);
          lost += found === null ? 1 : 0;
          for (const [at] of changes) memory.bytes[at] = whole[at] ?? 0;
        }),
        { numRuns: FUZZ_CASES },
      );
      // Changes of names, of most offsets and of the base's lower half are not seen; those of the tokens' index are.
      expect(lost).toBeGreaterThan(FUZZ_CASES / 50);
      expect(lost).toBeLessThan(FUZZ_CASES);
      expect(findKernelImage(memory)).not.toBeNull();
    },
    FUZZ_TIMEOUT_MS,
  );
});
