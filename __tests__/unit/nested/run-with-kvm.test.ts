import { describe, expect, test } from '@jest/globals';

import { tryAgain, type KvmEnd } from '../../../nested/run-with-kvm';

const LOST: KvmEnd = { kind: 'lost', reason: 'no sign of life', lastSeen: '' };
const PASSED: KvmEnd = { kind: 'exit', code: 0 };
const FAILED: KvmEnd = { kind: 'exit', code: 70 };

describe('tryAgain()', () => {
  test.each([
    { name: 'takes the first machine that is not lost', ends: [LOST, PASSED], taken: 2 },
    { name: 'keeps a failure that would come again', ends: [FAILED], taken: 1 },
    { name: 'gives up after three', ends: [LOST, LOST, LOST], taken: 3 },
  ])('$name, and says of each that is lost', async ({ ends, taken }) => {
    const left = [...ends];
    const notes: string[] = [];
    const last = await tryAgain(
      () => Promise.resolve(left.shift()!),
      (text) => notes.push(text),
    );
    expect(last).toBe(ends.at(-1));
    expect(left).toHaveLength(ends.length - taken);
    expect(notes).toEqual(
      ends.slice(0, -1).map((_, index) => expect.stringContaining(`boot ${index + 1} of at most 3): no sign of life`)),
    );
  });
});
