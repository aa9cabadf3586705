import { describe, expect, test } from '@jest/globals';
import { findMethod } from '../../../environment/declaration-site';
import { useTempFolder } from '../initramfs/temp-folder';

const temp = useTempFolder();
const NAME = { className: 'Fairness', method: 'split' };

/** Line and column of `^` in a source, counting from 1, and the source without it. */
function marked(text: string): { source: string; line: number; column: number } {
  const before = text.slice(0, text.indexOf('^')).split('\n');
  return { source: text.replace('^', ''), line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function positionIn(source: string, fileName = 'a.test.ts') {
  temp.write({ [fileName]: source });
  return findMethod(temp.path(fileName), NAME);
}

describe('findMethod()', () => {
  test.each([
    { name: 'the decorator of a method', text: 'class Fairness {\n  other() {}\n  ^@ktstrTest()\n  split() {}\n}' },
    { name: 'the first of its decorators', text: 'class Fairness {\n  ^@first\n  @ktstrTest()\n  async split() {}\n}' },
    {
      name: 'a method of an exported class',
      text: '@ktstrDefaults()\nexport class Fairness { ^@ktstrTest() split() {} }',
    },
    {
      name: 'a method of a class exported as default',
      text: 'export default class Fairness { ^@ktstrTest() split() {} }',
    },
    {
      name: 'the one in its own class',
      text: 'class Other { @ktstrTest() split() {} }\nclass Fairness { ^@ktstrTest() split() {} }',
    },
    {
      name: 'a method behind text outside of ASCII',
      text: '// größer ✓\nclass Fairness { a = "é😀"; ^@ktstrTest() split() {} }',
    },
    { name: 'a method behind a byte order mark', text: '\uFEFFclass Fairness {\n  ^@ktstrTest() split() {}\n}' },
    {
      name: 'a method of a class in a block',
      text: "describe('block', () => {\n  class Fairness {\n    ^@ktstrTest() split() {}\n  }\n});",
    },
    { name: 'a method whose name is a text', text: "class Fairness { ^@ktstrTest() 'split'() {} }" },
    { name: 'a method without a decorator', text: 'class Fairness {\n  ^split() {}\n}' },
  ])('finds $name', ({ text }) => {
    const { source, ...position } = marked(text);
    expect(positionIn(source)).toEqual(position);
  });

  test('reads JSX in files whose names end in x', () => {
    const { source, ...position } = marked('const a = <b>{1}</b>;\nclass Fairness { ^@ktstrTest() split() {} }');
    expect(positionIn(source, 'a.test.tsx')).toEqual(position);
    expect(positionIn(source, 'a.test.ts')).toBeNull();
  });

  test('finds the same place again', () => {
    const { source, ...position } = marked('class Fairness {\n  ^@ktstrTest()\n  split() {}\n}');
    temp.write({ 'a.test.ts': source });
    const found = [1, 2, 3].map(() => findMethod(temp.path('a.test.ts'), NAME));
    expect(found).toEqual([position, position, position]);
  });

  test.each([
    { name: 'the class has no such method', source: 'class Fairness { other() {} }' },
    { name: 'another class has it', source: 'class Other { split() {} }' },
    { name: 'the source is no TypeScript', source: 'class Fairness { split(' },
  ])('gives null when $name', ({ source }) => {
    expect(positionIn(source)).toBeNull();
  });

  test('gives null when there is no file', () => {
    expect(findMethod(temp.path('none.ts'), NAME)).toBeNull();
  });
});
