import { expect, test } from '@jest/globals';
import { ASCII_GLYPHS, glyphsFor, sparkline, UNICODE_GLYPHS } from '../../../../src/verdict/monitor/sparkline';

test.each([
  { values: [0, 1, 2, 3, 4, 5, 6, 7], bottom: 0, top: 7, unicode: '▁▂▃▄▅▆▇█', ascii: '_.-:=+*#' },
  { values: [0, 1, 1000], bottom: 0, top: 1000, unicode: '▁▂█', ascii: '_.#' },
  { values: [1, null, 2], bottom: 1, top: 2, unicode: '▁ █', ascii: '_ #' },
  { values: [0, 0], bottom: 0, top: 0, unicode: '▁▁', ascii: '__' },
  { values: [0, 50, 100], bottom: 0, top: 100, unicode: '▁▅█', ascii: '_=#' },
  { values: [], bottom: 0, top: 1, unicode: '', ascii: '' },
])('sparkline() draws $values from $bottom to $top', ({ values, bottom, top, unicode, ascii }) => {
  expect(sparkline(values, { bottom, top }, UNICODE_GLYPHS)).toBe(unicode);
  expect(sparkline(values, { bottom, top }, ASCII_GLYPHS)).toBe(ascii);
});

test.each([
  { env: { LANG: 'en_GB.UTF-8' }, unicode: true },
  { env: { LANG: 'C.utf8' }, unicode: true },
  { env: { LANG: 'C' }, unicode: false },
  { env: {}, unicode: false },
  { env: { LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, unicode: false },
  { env: { LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, unicode: true },
])('glyphsFor() takes the locale of $env', ({ env, unicode }) => {
  expect(glyphsFor(env)).toBe(unicode ? UNICODE_GLYPHS : ASCII_GLYPHS);
});
