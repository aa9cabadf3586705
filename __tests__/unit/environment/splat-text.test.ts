import { describe, expect, test } from '@jest/globals';
import { splatText } from '../../../environment/splat-text';
import type { Splat } from '../../../src/verdict/console/console-allow';
import { runResult, specOf } from './finished-runs';

function splat(title: string, changes: Partial<Splat> = {}): Splat {
  return {
    kind: 'warning',
    title,
    line: 'WARNING: at f',
    lineNumber: 7,
    context: ['a', 'b'],
    expired: null,
    ...changes,
  };
}

const textOf = (...splats: Splat[]): string => splatText(runResult({ splats }), specOf().topology);

describe('splatText()', () => {
  test('names the run, each title, its line and what was printed, and how to allow it', () => {
    expect(textOf(splat('WARNING in f'), splat('WARNING in f', { lineNumber: 30 }), splat('WARNING in g'))).toBe(`\
Fairness split: the kernel complained on its console [emulated 1n1l2c1t, kernel 6.12.0]

  warning: WARNING in f, line 7, 2 times
    a
    b

  warning: WARNING in g, line 7
    a
    b

A splat that is known can be allowed for a while:
  consoleAllow: [{ pattern: /WARNING in f/, reason: 'why', link: 'https://...', expires: 'YYYY-MM-DD' }]
(kernel-splat)`);
  });

  test('says of an entry that has expired when it did', () => {
    const entry = { pattern: 'f', flags: '', reason: 'known', link: 'https://bugs.example/1', expires: '2026-01-31' };
    expect(textOf(splat('WARNING in f', { expired: entry }))).toContain(
      '  the entry of consoleAllow for it expired on 2026-01-31: known (https://bugs.example/1)\n',
    );
  });

  test('proposes a pattern that matches the title', () => {
    const title = 'BUG: a/b [c] (d) *e.f$';
    const [, source = '', flags] = /pattern: \/(.*)\/(\w*),/.exec(textOf(splat(title))) ?? [];
    expect(new RegExp(source, flags).test(title)).toBe(true);
  });

  test('is short when there is much, and without control characters', () => {
    const long = splat('t0', { context: ['\x1b[1m', ...Array.from({ length: 29 }, (_, index) => `${index}`)] });
    const text = textOf(long, ...[1, 2, 3, 4, 5].map((index) => splat(`t${index}`)));
    expect(text).toContain('\n    ... 14 more lines\n');
    expect(text).toContain('\n  and 2 more titles\n');
    expect(text).toContain('\n    \uFFFD[1m\n');
  });
});
