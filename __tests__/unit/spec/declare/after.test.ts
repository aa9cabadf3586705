import { afterEach, describe, expect, test } from '@jest/globals';
import { runAfter } from '../../../../src/spec/declare/after';
import type { TestOptions } from '../../../../src/spec/declare/options';
import type { RunResult } from '../../../../src/verdict/run-result';
import { runResult } from '../../environment/finished-runs';
import { report } from '../../verdict/reports';

type After = NonNullable<TestOptions['after']>;

async function runWith(after: After, result: RunResult = runResult()): Promise<void> {
  const layers = (): TestOptions[] => [
    {
      after: () => {
        throw new Error('overridden');
      },
    },
    { after },
  ];
  await runAfter({ subject: 'a', layers, body: () => undefined, declaredAt: new Error() }, result);
}

/** What a snapshot matcher fails with. */
function mismatch(actual: unknown, expected: unknown): Error {
  const stack = 'Error: differs\n    at body (a.test.ts:3:1)';
  return Object.assign(new Error('differs'), { matcherResult: { actual, expected }, stack });
}

const header = (image: string): string => `ktstr image ${image}\nArray []`;

/** What is said of snapshots of two images, at the place of the matcher. */
const EXPLAINED = {
  message: expect.stringMatching(/taken with image aaaa, this run used image bbbb.*jest -u/),
  stack: expect.stringMatching(/^Error: compare [^\n]*\n {4}at body \(a\.test\.ts:3:1\)$/),
};

async function failureOf(error: unknown): Promise<unknown> {
  return runWith(() => {
    throw error;
  }).catch((thrown: unknown) => thrown);
}

describe('runAfter()', () => {
  test('does nothing without the option', async () => {
    const layers = (): TestOptions[] => [{}];
    const declared = { subject: 'a', layers, body: () => undefined, declaredAt: new Error() };
    await expect(runAfter(declared, runResult())).resolves.toBeUndefined();
  });

  test('waits for the author with the result, of which a snapshot of the workers starts with the image', async () => {
    const given: RunResult[] = [];
    const result = runResult({ image: 'ab12', workers: [report()] });
    await runWith(async (seen) => {
      await Promise.resolve();
      given.push(seen);
    }, result);
    expect(given).toEqual([result]);
    given[0]?.workers.pop();
    expect(given[0]?.workers).toMatchInlineSnapshot(`
     ktstr image ab12
     []
    `);
    expect(result.workers).toHaveLength(1);
  });

  test('explains a difference between the snapshots of two images', async () => {
    expect(await failureOf(mismatch(header('bbbb'), header('aaaa')))).toMatchObject(EXPLAINED);
  });

  test.each([
    { name: 'a difference within one image', error: mismatch(header('aaaa'), header('aaaa')) },
    { name: 'a snapshot of other things', error: mismatch('Array []', header('aaaa')) },
    { name: 'another error', error: new TypeError('no') },
    { name: 'what is no error', error: undefined },
  ])('leaves $name as it is', async ({ error }) => {
    expect(await failureOf(error)).toBe(error);
  });

  describe('when a matcher does not throw', () => {
    afterEach(() => expect.setState({ suppressedErrors: [] }));

    test('explains what it left in the state of expect', async () => {
      const other = new Error('other');
      const suppressedErrors = [mismatch(header('bbbb'), header('aaaa')), other];
      await runWith(() => expect.setState({ suppressedErrors }));
      const after = expect.getState().suppressedErrors;
      expect.setState({ suppressedErrors: [] });
      expect(after).toMatchObject([EXPLAINED, other]);
    });
  });
});
