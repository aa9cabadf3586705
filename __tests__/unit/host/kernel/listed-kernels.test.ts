import { expect, test } from '@jest/globals';
import { listedKernels } from '../../../../src/host/kernel/listed-kernels';

test.each([
  [undefined, []],
  ['', []],
  ['6.12', ['6.12']],
  [' 6.12 , ../bzImage,', ['6.12', '../bzImage']],
])('listedKernels() takes KTSTR_KERNEL=%j as %j', (variable, kernels) => {
  expect(listedKernels(variable === undefined ? {} : { KTSTR_KERNEL: variable })).toEqual(kernels);
});
