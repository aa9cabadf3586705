import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { isHarnessError } from '../../../../../src/errors';
import type { BpfMap } from '../../../../../src/host/monitor/bpf/bpf-map';
import { globals } from '../../../../../src/host/monitor/bpf/globals';
import { maps } from '../../../../../src/host/monitor/bpf/maps';
import { programs } from '../../../../../src/host/monitor/bpf/programs';
import { FUZZ_CASES, FUZZ_TIMEOUT_MS } from '../fuzz-cases';
import { BASE } from '../mapped-memory';
import { HEAP, PAGES, SmallKernel } from './small-kernel';

const STORAGE = 29;
const TYPES = [1, 2, 5, 6, 11, 12, 13, 22, 23, 26, 27, STORAGE, 33, 99];
const HEAP_WORDS = (PAGES * 4096 - HEAP) / 8;
/** Elements of one map that are read. */
const READ = 50;

/** A word of hostile memory: small, anywhere in the memory, or anything. */
const word = fc.oneof(
  fc.nat(40).map(BigInt),
  fc.nat(HEAP_WORDS).map((index) => BASE + BigInt(HEAP + index * 8)),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);
const noise = fc.array(word, { minLength: 16, maxLength: 64 });
/** Maps that are in their place, so that what is in them is walked. */
const placed = fc.array(
  fc.record({
    type: fc.constantFrom(...TYPES),
    entries: fc.oneof(fc.nat(64), fc.nat(2 ** 32 - 1)),
    hasBtf: fc.boolean(),
    isWhole: fc.boolean(),
  }),
  {
    maxLength: 8,
  },
);

/** Does what a user may, and passes over typed errors. */
function tolerant(look: () => void): void {
  try {
    look();
  } catch (error) {
    if (!isHarnessError(error)) throw error;
  }
}

/** Says how many elements were read. */
function lookInto(map: BpfMap): number {
  let count = 0;
  tolerant(() => {
    for (const { values } of map.entries()) {
      for (const value of values) tolerant(() => void value.value());
      if (++count === READ) break;
    }
  });
  for (const path of ['[0]', '[3].x', '[1][1]', 'stall', 'data.name']) tolerant(() => void map.get(path).value());
  tolerant(() => map.get('[0]').set(1));
  tolerant(() => void map.ringbuf());
  tolerant(() => void map.arena().pages());
  return count;
}

test(
  'maps, programs and variables of any memory are read in bounded time, with typed errors only',
  () => {
    const walked = new Map<string, number>();
    fc.assert(
      fc.property(noise, placed, fc.nat(63), (words, shapes, shift) => {
        const small = new SmallKernel();
        for (let index = 0; index < HEAP_WORDS; index++)
          small.bytes.writeBigUInt64LE(words[(index + (index >> 6) * shift) % words.length] ?? 0n, HEAP + index * 8);
        shapes.forEach(({ type, entries, hasBtf, isWhole }, index) => {
          const at = HEAP + index * 1024;
          const buckets = small.at(HEAP + (entries % 512) * 8);
          if (isWhole) small.put('bpf_htab', at, { buckets, n_buckets: entries % 64 });
          if (isWhole && type === STORAGE) small.put('bpf_local_storage_map', at, { buckets, bucket_log: entries % 8 });
          const facts = { map_type: type, id: index + 1, key_size: 4, value_size: 8, max_entries: entries };
          small.put('bpf_map', at, hasBtf ? facts : { ...facts, btf: 0 });
        });
        const offsets = shapes.map((_, index) => HEAP + index * 1024);
        small.fill('map_idr', offsets);
        small.fill('prog_idr', offsets);
        tolerant(() => {
          for (const map of maps(small.kernel))
            walked.set(map.facts.type, (walked.get(map.facts.type) ?? 0) + lookInto(map));
        });
        tolerant(() => void programs(small.kernel));
        tolerant(() => void globals(small.kernel));
      }),
      { numRuns: FUZZ_CASES },
    );
    expect(walked.get('array')).toBeGreaterThan(0);
    expect(walked.get('hash')).toBeGreaterThan(0);
  },
  FUZZ_TIMEOUT_MS,
);
