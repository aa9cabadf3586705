import { describe, expect, test } from '@jest/globals';

import type { OuterEnd, OuterResult } from '../../../nested/outer-machine';
import { bootAgain } from '../../../nested/run-with-kvm';

const LOST: OuterEnd = { kind: 'lost', reason: 'no sign of life' };
const PASSED: OuterEnd = { kind: 'exit', code: 0 };
const FAILED: OuterEnd = { kind: 'failed', reason: 'no such file' };

const result = (end: OuterEnd, hasReported = false): OuterResult => ({
  ...{ end, hasReported, bootMs: 1, peakMemoryKib: 1 },
});

describe('bootAgain()', () => {
  test.each([
    { name: 'takes the first machine that is not lost', boots: [result(LOST), result(PASSED, true)], taken: 2 },
    { name: 'keeps the loss of a machine that has told of a result', boots: [result(LOST, true)], taken: 1 },
    { name: 'keeps a failure that would come again', boots: [result(FAILED)], taken: 1 },
    { name: 'gives up after three', boots: [result(LOST), result(LOST), result(LOST)], taken: 3 },
  ])('$name, and says of each that is lost', async ({ boots, taken }) => {
    const left = [...boots];
    const notes: string[] = [];
    const last = await bootAgain(
      () => Promise.resolve(left.shift()!),
      (text) => notes.push(text),
    );
    expect(last).toBe(boots.at(-1));
    expect(left).toHaveLength(boots.length - taken);
    expect(notes).toEqual(
      boots.slice(0, -1).map((_, index) => expect.stringContaining(`boot ${index + 1} of at most 3): no sign of life`)),
    );
  });
});
