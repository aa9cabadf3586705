import { describe, expect, test } from '@jest/globals';
import { hasPvhEntry } from '../../../../src/host/kernel/pvh-note';
import { elfWithNotes, PVH_NOTE } from './pvh-blobs';

const BUILD_ID = { owner: 'GNU', type: 3, descriptor: Buffer.alloc(20) };

describe('hasPvhEntry()', () => {
  test.each([
    { name: 'it is the only note', elf: elfWithNotes([PVH_NOTE]) },
    {
      name: 'notes of odd lengths stand before it',
      elf: elfWithNotes([{ owner: 'Linux', type: 1, descriptor: Buffer.alloc(3) }, PVH_NOTE]),
    },
    { name: 'it is in a later segment', elf: elfWithNotes([BUILD_ID], [BUILD_ID, PVH_NOTE]) },
  ])('is true when $name', ({ elf }) => {
    expect(hasPvhEntry(elf)).toBe(true);
  });

  test.each([
    { name: 'there are no notes', elf: elfWithNotes() },
    { name: 'another owner has a note of that type', elf: elfWithNotes([{ ...PVH_NOTE, owner: 'GNU' }]) },
    { name: 'the owner has notes of other types only', elf: elfWithNotes([{ ...PVH_NOTE, type: 17 }]) },
    { name: 'the table of segments is cut off', elf: elfWithNotes([PVH_NOTE]).subarray(0, 130) },
    { name: 'the note is cut off', elf: elfWithNotes([PVH_NOTE]).subarray(0, 200) },
    { name: 'it is no ELF', elf: Buffer.alloc(4096) },
    { name: 'it is empty', elf: Buffer.alloc(0) },
  ])('is false when $name', ({ elf }) => {
    expect(hasPvhEntry(elf)).toBe(false);
  });
});
