import { expect, test } from '@jest/globals';
import { compareReleases, isReleaseOf } from '../../../../src/host/kernel/compare-releases';

test.each([
  ['6.9.1', '6.12.0', -1],
  ['6.12.117+deb12-amd64', '6.12.9+deb12-amd64', 1],
  ['6.12', '6.12.0', 0],
  ['6.12.0-rc1', '6.12.0', 0],
  ['unnumbered', '6.1', -1],
])('compareReleases() of %s and %s has the sign %i', (a, b, sign) => {
  expect(Math.sign(compareReleases(a, b))).toBe(sign);
  expect(Math.sign(compareReleases(b, a))).toBe(sign === 0 ? 0 : -sign);
});

test.each([
  ['6.12', '6.12.117+deb12', true],
  ['6.12.117+deb12', '6.12.117+deb12', true],
  ['6.1', '6.12.117', false],
  ['6.12.1', '6.12.117', false],
  ['6.12.', '6.12.117', true],
  ['6.13', '6.12.117', false],
])('isReleaseOf() %s for %s is %s', (prefix, release, expected) => {
  expect(isReleaseOf(prefix, release)).toBe(expected);
});
