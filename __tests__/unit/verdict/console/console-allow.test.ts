import { describe, expect, test } from '@jest/globals';
import { unexpectedSplats, type ConsoleAllowEntry } from '../../../../src/verdict/console/console-allow';
import { parseConsole } from '../../../../src/verdict/console/parse-console';
import { HUNG_TASK, stamped, WARNING } from './consoles';

const { findings } = parseConsole(stamped(`${WARNING}\n${HUNG_TASK}`));
const TODAY = '2026-03-01';

function entry(pattern: RegExp, expires = TODAY): ConsoleAllowEntry {
  return { pattern: pattern.source, flags: pattern.flags, reason: 'known', link: 'https://bugs.example/1', expires };
}

const kindsLeft = (...allow: ConsoleAllowEntry[]): string[] =>
  unexpectedSplats(findings, allow, TODAY).map(({ kind }) => kind);

describe('unexpectedSplats()', () => {
  test('are all findings when nothing is allowed', () => {
    expect(kindsLeft()).toEqual(['warning', 'hung-task']);
  });

  test.each([
    ['the title', /^WARNING in refcount_warn_saturate$/],
    ['the first line', /lib\/refcount\.c:28/],
    ['either, whatever its flags', /REFCOUNT/giy],
  ])('leave out what an entry matches by %s', (name, pattern) => {
    expect(kindsLeft(entry(pattern))).toEqual(name.startsWith('either') ? ['warning', 'hung-task'] : ['hung-task']);
  });

  test('take an entry with a global pattern for every splat', () => {
    expect(kindsLeft(entry(/task|refcount/g))).toEqual([]);
  });

  test('are no less by an entry that matches nothing', () => {
    expect(kindsLeft(entry(/no such splat/))).toEqual(['warning', 'hung-task']);
  });

  test.each([
    ['on its last day', '2026-03-01', []],
    ['on the day after', '2026-02-28', ['warning', 'hung-task']],
  ])('follow the date of an entry %s', (_, expires, left) => {
    expect(kindsLeft(entry(/WARNING|INFO/, expires))).toEqual(left);
  });

  test('name the entry that has expired', () => {
    const expired = entry(/WARNING/, '2026-02-28');
    expect(unexpectedSplats(findings, [expired], TODAY)).toMatchObject([
      { kind: 'warning', expired },
      { kind: 'hung-task', expired: null },
    ]);
  });

  test('allow what a valid entry matches beside an expired one', () => {
    expect(kindsLeft(entry(/WARNING/, '2026-02-28'), entry(/WARNING/))).toEqual(['hung-task']);
  });
});
