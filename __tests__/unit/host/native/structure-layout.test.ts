import { describe, expect, test } from '@jest/globals';

import { layoutDifference, structureLayout, type LayoutLine } from '../../../../src/host/native/structure-layout';

const OURS: LayoutLine[] = [
  { structure: 'vmm_info', field: 'end', offset: 0, size: 4 },
  { structure: 'vmm_info', field: 'vcpu', offset: 4, size: 4 },
];

describe('layoutDifference()', () => {
  test('is null for accounts that agree, in whatever order', () => {
    expect(layoutDifference([...OURS].reverse(), OURS)).toBeNull();
  });

  test.each([
    {
      name: 'a field that moved',
      library: [OURS[0], { ...OURS[1], offset: 8 }],
      found: 'vmm_info.vcpu is at 4 with 4 bytes here, at 8 ',
    },
    { name: 'a field that grew', library: [OURS[0], { ...OURS[1], size: 8 }], found: 'at 4 with 8 in the library' },
    { name: 'a field too few', library: [OURS[0]], found: 'vmm_info.vcpu is not in the library' },
    {
      name: 'a field too many',
      library: [...OURS, { ...OURS[1], field: 'new' }],
      found: 'vmm_info.new is in the library only',
    },
  ])('names $name', ({ library, found }) => {
    expect(layoutDifference(library as LayoutLine[], OURS)).toContain(found);
  });
});

test('structureLayout() aligns fields and the whole as C does', () => {
  const fields = {
    small: 'int32_t',
    wide: 'uint64_t',
    name: { chars: 5 },
    words: { int64s: 2 },
    last: 'uint32_t',
  } as const;
  expect(structureLayout(fields)).toMatchObject({
    bytes: 48,
    fields: [
      { name: 'small', offset: 0, size: 4 },
      { name: 'wide', offset: 8, size: 8 },
      { name: 'name', offset: 16, size: 5 },
      { name: 'words', offset: 24, size: 16 },
      { name: 'last', offset: 40, size: 4 },
    ],
  });
});
