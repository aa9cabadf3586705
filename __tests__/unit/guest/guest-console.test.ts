import { beforeEach, describe, expect, test } from '@jest/globals';
import { makeConsole, type ConsoleEntry } from '../../../src/guest/guest-console';

let entries: ConsoleEntry[];
let console: Console;

beforeEach(() => {
  entries = [];
  console = makeConsole((entry) => entries.push(entry));
});

const said = (): [type: string, message: string][] => entries.map(({ type, message }) => [type, message]);

/** The first frame of an entry's stack. */
const callerOf = ({ stack }: ConsoleEntry): string | undefined =>
  stack.split('\n').find((line) => /^\s+at /.test(line));

describe('makeConsole()', () => {
  test.each(['log', 'info', 'warn', 'error', 'debug'] as const)('gives console.%s its type, and its caller', (type) => {
    (function caller() {
      console[type]('pid %d says', 7, { a: 1 });
    })();
    expect(said()).toEqual([[type, 'pid 7 says { a: 1 }']]);
    expect(entries.map(callerOf)).toEqual([expect.stringContaining('at caller (')]);
  });

  test('takes what Node formats for one entry of the stream that it goes to', () => {
    console.dir({ deep: 1 });
    console.table([{ a: 1 }]);
    console.assert(false, 'not so');
    console.assert(true, 'so');
    console.count('calls');
    console.trace('here');
    expect(said()).toEqual([
      ['log', '{ deep: 1 }'],
      ['log', expect.stringMatching(/^┌[^]*│ 1 +│[^]*┘$/)],
      ['warn', 'Assertion failed: not so'],
      ['log', 'calls: 1'],
      ['error', expect.stringMatching(/^Trace: here\n/)],
    ]);
  });

  test('indents groups, every line of them', () => {
    console.group('outer');
    console.log('one\ntwo');
    console.groupCollapsed('inner');
    console.warn('three');
    console.dir('four');
    console.groupEnd();
    console.log('five');
    console.groupEnd();
    console.groupEnd();
    console.log('six');
    expect(entries.map(({ message }) => message)).toEqual([
      'outer',
      '  one\n  two',
      '  inner',
      '    three',
      "    'four'",
      '  five',
      'six',
    ]);
  });

  test('says nothing for a group without a label', () => {
    console.group();
    console.log('in it');
    expect(said()).toEqual([['log', '  in it']]);
  });
});
