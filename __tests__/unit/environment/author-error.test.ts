import { describe, expect, test } from '@jest/globals';
import { authorError, declarationFrames, guestError, laterErrors } from '../../../environment/author-error';
import { packageRoot } from '../../../src/package-root';
import type { Declared } from '../../../src/spec/declare/registrar';
import { useTempFolder } from '../initramfs/temp-folder';

const temp = useTempFolder();

function declaredAt(stack: string, method?: Declared['method']): Declared {
  const at = Object.assign(new Error('declaration'), { stack });
  return {
    subject: 'Fairness.split',
    layers: () => [],
    body: () => undefined,
    declaredAt: at,
    ...(method && { method }),
  };
}

const STACK = [
  'Error: declaration',
  `    at register (${packageRoot()}/dist/src/spec/declare/declare.js:9:9)`,
  `    at decorate (${packageRoot()}/src/spec/declare/decorators.ts:9:9)`,
  '    at Object.<anonymous> (/home/me/project/a.test.ts:3:1)',
  '    at Runtime._execModule (/home/me/project/node_modules/jest-runtime/build/index.js:1:1)',
  '    at node:internal/process/task_queues:95:5',
].join('\n');

describe('declarationFrames()', () => {
  test('gives the place of the method in its source', () => {
    temp.write({ 'a.test.ts': 'class Fairness {\n  @ktstrTest()\n  split() {}\n}\n' });
    const declared = declaredAt(STACK, { className: 'Fairness', method: 'split' });
    const file = temp.path('a.test.ts');
    expect(declarationFrames(declared, file)).toBe(`    at Fairness.split (${file}:2:3)`);
  });

  test.each([
    { name: 'of a test that is a function', method: undefined },
    { name: 'of a method that its file does not show', method: { className: 'Fairness', method: 'gone' } },
  ])("gives the author's frames of the stack $name", ({ method }) => {
    temp.write({ 'a.test.ts': 'class Fairness {}' });
    expect(declarationFrames(declaredAt(STACK, method), temp.path('a.test.ts'))).toBe(
      '    at Object.<anonymous> (/home/me/project/a.test.ts:3:1)',
    );
  });
});

describe('authorError()', () => {
  test('has a stack that starts with its message, without the word Error before it', () => {
    expect(authorError('it broke', '    at a.ts:1:1').stack).toBe('it broke\n    at a.ts:1:1');
    expect(authorError('it broke', '    at a.ts:1:1', 'TypeError')).toMatchObject({
      name: 'TypeError',
      message: 'it broke',
      stack: 'TypeError: it broke\n    at a.ts:1:1',
    });
  });
});

describe('guestError()', () => {
  const FALLBACK = '    at Fairness.split (a.test.ts:2:3)';
  const withFrames = { name: 'TypeError', message: 'no', stack: 'TypeError: no\n    at body (a.test.ts:5:1)' };
  const withoutFrames = { name: 'BodyNeverReturned', message: 'still pending', stack: '' };

  test('is the first error with its own stack; the others are at hand, in order', () => {
    const error = guestError([withFrames, withoutFrames, withFrames], FALLBACK);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject(withFrames);
    expect(laterErrors(error)).toMatchObject([{ message: 'still pending' }, withFrames]);
  });

  test('points an error without frames at the declaration', () => {
    const error = guestError([withoutFrames], FALLBACK);
    expect(error.stack).toBe(`BodyNeverReturned: still pending\n${FALLBACK}`);
    expect(laterErrors(error)).toEqual([]);
  });

  test('says so when there is no error', () => {
    expect(guestError([], FALLBACK).stack).toBe(`the guest reported an error without saying which\n${FALLBACK}`);
  });
});

test.each([new Error('another'), undefined, 'a text'])('laterErrors() are none of %p', (error) => {
  expect(laterErrors(error)).toEqual([]);
});
