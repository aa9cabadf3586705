import { describe, expect, test } from '@jest/globals';

import type { Counts } from '../../../nested/journal';
import { runThroughLosses, type Attempt, type TierResult } from '../../../nested/run-through-losses';

const PASSED: Counts = { passed: 2, failed: 0, skipped: 1 };
const FAILED: Counts = { passed: 1, failed: 1, skipped: 0 };

const lost = (files: Record<string, Counts> = {}): Attempt => ({
  end: { kind: 'lost', reason: 'no sign of life', lastSeen: 'the last line' },
  files: new Map(Object.entries(files)),
});
const exit = (code: number, files: Record<string, Counts> = {}): Attempt => ({
  end: { kind: 'exit', code },
  files: new Map(Object.entries(files)),
});

/** What came of it, what each machine was told not to run, and what was said. */
async function run(
  attempts: readonly Attempt[],
): Promise<{ result: TierResult; told: (readonly string[])[]; notes: string[] }> {
  const left = [...attempts];
  const told: (readonly string[])[] = [];
  const notes: string[] = [];
  const boot = (done: readonly string[]): Promise<Attempt> => {
    told.push(done);
    return Promise.resolve(left.shift()!);
  };
  const result = await runThroughLosses(boot, (text) => notes.push(text));
  expect(left).toEqual([]);
  return { result, told, notes };
}

describe('runThroughLosses()', () => {
  test('runs in the next machine what was left, says so in a line, and counts both', async () => {
    const { result, told, notes } = await run([lost({ a: PASSED, b: PASSED }), exit(0, { c: PASSED })]);
    expect(result).toEqual({ code: 0, counts: { passed: 6, failed: 0, skipped: 3 } });
    expect(told).toEqual([[], ['a', 'b']]);
    expect(notes).toEqual([
      'the machine was lost after 2 of its test files, the rest runs in another one: no sign of life',
    ]);
  });

  test('keeps a failure of a machine that was lost, and does not run its file again', async () => {
    const { result, told } = await run([lost({ a: FAILED }), exit(0, { b: PASSED })]);
    expect(result).toEqual({ code: 1, counts: { passed: 3, failed: 1, skipped: 1 } });
    expect(told[1]).toEqual(['a']);
  });

  test('gives up when three machines in a row are lost without a result, and says what was last seen', async () => {
    const { result, notes } = await run([lost(), lost(), lost()]);
    expect(result).toEqual({ code: 70, counts: { passed: 0, failed: 1, skipped: 0 } });
    expect(notes.at(-1)).toBe(
      '3 machines in a row were lost without a result; of the last one: no sign of life\nthe last line',
    );
  });

  test('goes on for as long as files come to their end', async () => {
    const { result } = await run([lost(), lost(), lost({ a: PASSED }), lost(), lost(), exit(0, { b: PASSED })]);
    expect(result).toEqual({ code: 0, counts: { passed: 4, failed: 0, skipped: 2 } });
  });

  test('counts a bad end without a failed test as a failure', async () => {
    const { result } = await run([exit(1, { a: PASSED })]);
    expect(result).toEqual({ code: 1, counts: { passed: 2, failed: 1, skipped: 1 } });
  });
});
