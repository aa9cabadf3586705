import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isHarnessError } from '../../../../../src/errors';
import type { Btf } from '../../../../../src/host/monitor/btf/btf';
import { hasMember, member } from '../../../../../src/host/monitor/btf/layout';
import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { readValue } from '../../../../../src/host/monitor/btf/read-value';
import { renderPretty } from '../../../../../src/host/monitor/btf/render-value';
import { typeName } from '../../../../../src/host/monitor/btf/type-name';
import { FUZZ_CASES, FUZZ_TIMEOUT_MS } from '../fuzz-cases';
import { BtfBuilder } from './build-btf';
import { smallBtf } from './small-btf';

const { blob: small } = smallBtf();
const HEADER_BYTES = 24;
const object = Buffer.alloc(256, 0x5a);

/** True when it did not fail; anything but a typed error is thrown on. */
function survives(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (isHarnessError(error, 'decode') || isHarnessError(error, 'btf-unknown')) return false;
    throw error;
  }
}

/**
 * Calls everything that reads BTF with some of its types: each `stride`th of them. Returns how many types there are, none when the blob is
 * refused.
 */
function exercise(blob: Buffer, { base, stride = 1 }: { base?: Btf; stride?: number } = {}): number {
  let btf: Btf | undefined;
  if (!survives(() => (btf = parseBtf(blob, base))) || btf === undefined) return 0;
  const parsed: Btf = btf;
  for (const name of ['rq', '.bss', 'nope']) {
    survives(() => parsed.struct(name));
    survives(() => parsed.enumValues(name));
    survives(() => parsed.variables(name));
    survives(() => parsed.variable(name));
    survives(() => parsed.prototype(name));
    survives(() => hasMember(parsed, name, 'se[1].slice'));
  }
  for (let id = stride - 1; id <= parsed.endId; id += stride) exerciseType(parsed, id);
  return parsed.endId - parsed.firstId;
}

function exerciseType(btf: Btf, id: number): void {
  survives(() => btf.resolve(id));
  survives(() => btf.sizeOf(id));
  survives(() => typeName(btf, id));
  survives(() => member(btf, id, 'slice'));
  survives(() => member(btf, id, '[2].slice'));
  survives(() => renderPretty(readValue(object, { btf, type: id, maxDepth: 6, maxElements: 4, maxValues: 200 })));
}

const changes = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))), {
  minLength: 1,
  maxLength: 8,
});

function changed(blob: Buffer, edits: readonly (readonly [number, number])[], from = 0): Buffer {
  const copy = Buffer.from(blob);
  for (const [at, byte] of edits) copy[from + (at % (copy.length - from))] = byte;
  return copy;
}

/** Of the small blob's types, some. */
const strides = fc.integer({ min: 5, max: 29 });

/** Records of random kinds whose words are small, so that they often name one another. */
const records = fc.array(
  fc.record({
    kind: fc.integer({ min: 1, max: 19 }),
    flag: fc.boolean(),
    count: fc.nat(3),
    words: fc.array(fc.oneof(fc.nat(24), fc.integer({ min: 0, max: 0xffffffff })), { minLength: 11, maxLength: 11 }),
  }),
  { maxLength: 20 },
);

/** Words behind the first three; 3 of each entry for kinds with entries. */
const FIXED: Partial<Record<number, number>> = { 1: 1, 3: 3, 14: 1, 17: 1 };
const EACH: Partial<Record<number, number>> = { 4: 3, 5: 3, 6: 2, 13: 2, 15: 3, 19: 3 };

test(
  'parseBtf() and all that reads what it gives fail with typed errors only for records that name one another at random',
  () => {
    let types = 0;
    fc.assert(
      fc.property(records, (all) => {
        const builder = new BtfBuilder();
        for (const { kind, flag, count, words } of all) {
          const [first = 0, third = 0, ...rest] = words;
          const extra = (FIXED[kind] ?? 0) + (EACH[kind] ?? 0) * count;
          // Only the name of a type is 0, so that the strings do not refuse every case.
          const name = first % 8 === 0 ? first : 0;
          builder.raw(name, kind * 2 ** 24 + (flag ? 2 ** 31 : 0) + count, third, ...rest.slice(0, extra));
        }
        types += exercise(builder.build());
      }),
      { numRuns: FUZZ_CASES },
    );
    expect(types).toBeGreaterThan(FUZZ_CASES);
  },
  FUZZ_TIMEOUT_MS,
);

test(
  'parseBtf() and all that reads what it gives fail with typed errors only for changed records',
  () => {
    let types = 0;
    fc.assert(
      fc.property(changes, strides, (edits, stride) => {
        types += exercise(changed(small, edits, HEADER_BYTES), { stride });
      }),
      { numRuns: FUZZ_CASES },
    );
    expect(types).toBeGreaterThan(FUZZ_CASES);
  },
  FUZZ_TIMEOUT_MS,
);

test(
  'parseBtf() fails with typed errors only for a changed header or a changed split blob',
  () => {
    const base = parseBtf(small);
    const { builder } = smallBtf();
    const module = new BtfBuilder(builder);
    module.struct('device', 16, [{ name: 'rq', type: 3, at: 0 }]);
    module.typedef('device_t', 2);
    const split = module.build();
    let types = 0;
    fc.assert(
      fc.property(changes, fc.boolean(), (edits, isSplit) => {
        if (isSplit) types += exercise(changed(split, edits), { base, stride: 5 });
        else survives(() => parseBtf(changed(small.subarray(0, HEADER_BYTES), edits)));
      }),
      { numRuns: Math.ceil(FUZZ_CASES / 3) },
    );
    expect(types).toBeGreaterThan(0);
  },
  FUZZ_TIMEOUT_MS,
);

const anyWord = fc.integer({ min: 0, max: 0xffffffff });
const wholeRecord = fc
  .record({
    kind: fc.integer({ min: 1, max: 19 }),
    count: fc.nat(2),
    rest: fc.array(anyWord, { minLength: 8, maxLength: 8 }),
  })
  .map(({ kind, count, rest: [name = 0, size = 0, ...rest] }) => {
    const extra = (FIXED[kind] ?? 0) + (EACH[kind] ?? 0) * count;
    return [name, kind * 2 ** 24 + count, size, ...rest.slice(0, extra)];
  });

/** Words at random; or records that end where the next begins, as random otherwise. */
const randomWords = fc.oneof(
  fc.array(anyWord, { maxLength: 50 }),
  fc.array(wholeRecord, { maxLength: 8 }).map((all) => all.flat()),
);

test(
  'parseBtf() fails with typed errors only for random bytes behind a sound header',
  () => {
    let types = 0;
    fc.assert(
      fc.property(randomWords, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (typeWords, bytes, isEnded) => {
        const typeBytes = Buffer.from(Uint32Array.from(typeWords).buffer);
        const strings = isEnded ? Buffer.from([0, ...bytes, 0]) : Buffer.from(bytes);
        const header = Buffer.from(small.subarray(0, HEADER_BYTES));
        header.writeUInt32LE(typeBytes.length, 12);
        header.writeUInt32LE(typeBytes.length, 16);
        header.writeUInt32LE(strings.length, 20);
        types += exercise(Buffer.concat([header, typeBytes, strings]));
        survives(() => parseBtf(Buffer.from(bytes)));
      }),
      { numRuns: FUZZ_CASES },
    );
    expect(types).toBeGreaterThan(0);
  },
  FUZZ_TIMEOUT_MS,
);

test('parseBtf() refuses a blob that is cut off anywhere', () => {
  for (let length = 0; length < small.length; length++) {
    expect(() => parseBtf(small.subarray(0, length))).toThrow(expect.objectContaining({ code: 'decode' }));
  }
  expect(exercise(small)).toBeGreaterThan(0);
});

/** 32,000 structs whose names are all within one string of 1 MiB that never ends but at its end. */
function overlappingNames(): Buffer {
  const builder = new BtfBuilder();
  builder.struct('x'.repeat(1 << 20), 4, []);
  for (let index = 0; index < 32_000; index++) builder.raw(1 + index, 4 * 2 ** 24, 4);
  return builder.build();
}

/** Every struct has 1,000 members of the struct before it. */
function wideAndDeep(): Buffer {
  const builder = new BtfBuilder();
  let last = builder.int('int', 4);
  for (let level = 0; level < 20; level++) {
    const type = last;
    last = builder.struct(
      `s${level}`,
      4,
      Array.from({ length: 1000 }, () => ({ name: 'm', type, at: 0 })),
    );
  }
  return builder.build();
}

test.each([
  { name: 'names that overlap in one long string', make: overlappingNames },
  { name: 'structs that are wide and deep', make: wideAndDeep },
])('parseBtf() and all that reads what it gives end within seconds for $name', ({ make }) => {
  const startedAt = performance.now();
  const btf = parseBtf(make());
  survives(() => btf.struct('nope'));
  survives(() => btf.find('struct', 'xxx'));
  survives(() => member(btf, btf.endId - 1, 'nope'));
  survives(() => renderPretty(readValue(object, { btf, type: btf.endId - 1 })));
  // Quadratic work would be 2^35 steps or 1,000^20 values; the bound leaves room for a busy machine.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
