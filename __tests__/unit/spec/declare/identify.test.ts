import { describe, expect, test } from '@jest/globals';
import {
  declaredOf,
  fullName,
  identifyTests,
  type TreeBlock,
  type TreeTest,
} from '../../../../src/spec/declare/identify';
import { DECLARED, type Declared } from '../../../../src/spec/declare/registrar';

function declared(subject: string): Declared {
  return { subject, layers: () => [], body: () => undefined, declaredAt: new Error() };
}

const makeTest = (name: string, subject?: string): TreeTest => ({
  type: 'test',
  name,
  fn: Object.assign(() => undefined, subject === undefined ? {} : { [DECLARED]: declared(subject) }),
});

const block = (name: string, ...children: (TreeBlock | TreeTest)[]): TreeBlock => ({
  type: 'describeBlock',
  name,
  children,
});

/** Subjects of the tests that were found, with the names that find them again. */
const namesIn = (root: TreeBlock): unknown[] =>
  identifyTests(root).map(({ declared: { subject }, id }) => [subject, id.ancestors, id.title, id.occurrence]);

describe('identifyTests()', () => {
  test('finds the declared tests in order, without the root and without tests of others', () => {
    const root = block(
      'ROOT',
      makeTest('a', '1'),
      block('A', makeTest('plain'), block('B', makeTest('b', '2'))),
      makeTest('c', '3'),
    );
    expect(namesIn(root)).toEqual([
      ['1', [], 'a', 0],
      ['2', ['A', 'B'], 'b', 0],
      ['3', [], 'c', 0],
    ]);
  });

  test('takes the label of a kernel off the name, which the guest does not know', () => {
    const labelled = (subject: string, label: string): TreeTest => ({
      type: 'test',
      name: `a [b] [${label}]`,
      fn: Object.assign(() => undefined, { [DECLARED]: { ...declared(subject), label } }),
    });
    const root = block('ROOT', labelled('1', 'x'), labelled('1', 'y'), labelled('2', 'x'), labelled('2', 'y'));
    expect(namesIn(root)).toEqual([
      ['1', [], 'a [b]', 0],
      ['1', [], 'a [b]', 0],
      ['2', [], 'a [b]', 1],
      ['2', [], 'a [b]', 1],
    ]);
  });

  test('numbers tests of one name within blocks of one name, and those alone', () => {
    const root = block(
      'ROOT',
      block('A', makeTest('a', '1'), makeTest('a'), makeTest('a', '2')),
      block('A', makeTest('a', '3')),
      makeTest('a', '4'),
    );
    expect(namesIn(root).map((names) => (names as unknown[]).at(-1))).toEqual([0, 1, 2, 0]);
  });

  test('does not take a name with a space for two', () => {
    const root = block(
      'ROOT',
      block('A', block('b c', makeTest('d', '1'))),
      block('A b', block('c', makeTest('d', '2'))),
    );
    const found = identifyTests(root).map(({ id }) => id);
    expect(found.map(({ occurrence }) => occurrence)).toEqual([0, 0]);
    expect(found.map(fullName)).toEqual(['A b c d', 'A b c d']);
  });
});

test.each([
  { name: 'a test of others', entry: makeTest('a'), subject: undefined },
  {
    name: 'a test without a function, such as a todo',
    entry: { type: 'test', name: 'a' } as const,
    subject: undefined,
  },
  { name: 'a declared test', entry: makeTest('a', '1'), subject: '1' },
])('declaredOf() gives the declaration of $name: $subject', ({ entry, subject }) => {
  expect(declaredOf(entry)?.subject).toBe(subject);
});
