import { describe, expect, test } from '@jest/globals';
import { toGuestError } from '../../../src/guest/guest-error';

const FALLBACK = Object.assign(new Error(), { stack: 'Error: defined\n    at declaration (/ktstr/test.js:1:1)' });
const FALLBACK_FRAME = '    at declaration (/ktstr/test.js:1:1)';

function withStack(error: Error, stack: string): Error {
  return Object.assign(error, { stack });
}

describe('toGuestError()', () => {
  test('takes an error as it is', () => {
    const error = withStack(new TypeError('no'), 'TypeError: no\n    at body (/ktstr/test.js:2:2)');
    expect(toGuestError(error, FALLBACK)).toEqual({ name: 'TypeError', message: 'no', stack: error.stack });
  });

  test('takes what looks like an error for one, such as that of another realm', () => {
    const error = { name: 'Foreign', message: 'no', stack: 'Foreign: no\n    at f (/ktstr/test.js:2:2)' };
    expect(toGuestError(error)).toEqual(error);
  });

  test('names the matcher that failed', () => {
    const error = Object.assign(new Error('differs'), { matcherResult: { name: 'toBe', pass: false } });
    expect(toGuestError(error)).toMatchObject({ matcher: 'toBe' });
  });

  test('gives an error without frames those of the fallback', () => {
    const error = withStack(new Error('no'), '');
    expect(toGuestError(error, FALLBACK).stack).toBe(`no\n${FALLBACK_FRAME}`);
    expect(toGuestError(error).stack).toBe('');
  });

  test.each([
    { thrown: 'a text', message: 'thrown: a text' },
    { thrown: undefined, message: 'thrown: undefined' },
    { thrown: null, message: 'thrown: null' },
    { thrown: { code: 7 }, message: 'thrown: { code: 7 }' },
    { thrown: { message: 7 }, message: 'thrown: { message: 7 }' },
  ])('says what was thrown when it is $thrown', ({ thrown, message }) => {
    const expected = { name: 'Error', message, stack: `Error: ${message}\n${FALLBACK_FRAME}` };
    expect(toGuestError(thrown, FALLBACK)).toEqual(expected);
  });

  test('adds the causes, and theirs', () => {
    const inner = withStack(new Error('inner', { cause: { errno: 5 } }), 'Error: inner\n    at b (/ktstr/test.js:3:3)');
    const outer = withStack(new Error('outer', { cause: inner }), 'Error: outer\n    at a (/ktstr/test.js:2:2)');
    expect(toGuestError(outer).stack.split('\n')).toEqual([
      'Error: outer',
      '    at a (/ktstr/test.js:2:2)',
      '',
      'Cause: Error: inner',
      '    at b (/ktstr/test.js:3:3)',
      '',
      'Cause: { errno: 5 }',
    ]);
  });

  test('puts the first error before that of the clean-up after it', () => {
    const first = withStack(new TypeError('first'), 'TypeError: first\n    at body (/ktstr/test.js:2:2)');
    const second = withStack(new Error('second'), 'Error: second\n    at undo (/ktstr/test.js:3:3)');
    const both = Object.assign(new Error('suppressed'), { name: 'SuppressedError', suppressed: first, error: second });
    expect(toGuestError(both)).toEqual({
      name: 'TypeError',
      message: 'first',
      stack: `${first.stack}\n\nAlso, while cleaning up: ${second.stack}`,
    });
  });
});
