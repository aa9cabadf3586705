import { test } from '@jest/globals';

import { missingNeeds } from '../../../setup/packages';
import { isRequired } from '../../required';

const missing = missingNeeds({ path: process.env['PATH'] ?? '', root: '/' }, ['build']);

/** Where libFuzzer is missing, a test fails only when nothing may be left out. */
export const mustFuzz = isRequired || !missing.some(({ what }) => ['clang-19', 'libFuzzer'].includes(what));
export const testWithFuzzers = mustFuzz ? test : test.skip;
