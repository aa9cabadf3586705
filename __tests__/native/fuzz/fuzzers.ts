import { test } from '@jest/globals';

import { missingNeeds } from '../../../setup/packages';

const missing = missingNeeds({ path: process.env['PATH'] ?? '', root: '/' }, ['build']);
const isRequired = process.env['CI'] !== undefined || process.env['KTSTR_REQUIRE'] === '1';

/** Where libFuzzer is missing, a test fails only when nothing may be left out. */
export const mustFuzz = isRequired || !missing.some(({ what }) => ['clang-19', 'libFuzzer'].includes(what));
export const testWithFuzzers = mustFuzz ? test : test.skip;
