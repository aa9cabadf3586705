import { expect, test } from '@jest/globals';
import { issuesOf, specOf } from './resolved';

const KNOWN = { pattern: /WARNING in f/i, reason: 'known', link: 'https://bugs.example/1', expires: '2030-01-31' };

test.each([
  ['a pattern', KNOWN.pattern, { pattern: 'WARNING in f', flags: 'i' }],
  ['the source of a pattern', 'WARNING in f', { pattern: 'WARNING in f', flags: '' }],
])('resolveOptions() makes plain data of what is allowed on the console, given %s', (_, pattern, plain) => {
  const spec = specOf({ consoleAllow: [{ ...KNOWN, pattern }] });
  expect(spec.consoleAllow).toEqual([{ ...KNOWN, ...plain }]);
  expect(structuredClone(spec)).toEqual(spec);
});

test.each([
  ['reason', { reason: undefined }],
  ['reason', { reason: ' ' }],
  ['link', { link: undefined }],
  ['link', { link: 'see the tracker' }],
  ['expires', { expires: undefined }],
  ['expires', { expires: '2030-02-30' }],
  ['expires', { expires: 'never' }],
  ['pattern', { pattern: undefined }],
  ['pattern', { pattern: '' }],
  ['pattern', { pattern: '(' }],
  ['pattern', { pattern: /.*/ }],
])('resolveOptions() refuses an entry of consoleAllow whose %s is %j', (field, wrong) => {
  const [issue, ...others] = issuesOf({ consoleAllow: [{ ...KNOWN, ...wrong }] });
  expect(others).toEqual([]);
  expect(issue).toMatchObject({
    option: `consoleAllow.0.${field}`,
    example: expect.stringContaining('consoleAllow: [{'),
  });
});

test('resolveOptions() refuses an entry of consoleAllow with a field too many', () => {
  const [issue] = issuesOf({ consoleAllow: [{ ...KNOWN, until: '2030-01-31' }] });
  expect(issue).toMatchObject({ option: 'consoleAllow.0', allowed: expect.stringContaining('expires') });
});
