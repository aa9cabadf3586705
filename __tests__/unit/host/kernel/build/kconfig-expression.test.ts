import { describe, expect, test } from '@jest/globals';
import { unmetDependencies } from '../../../../../src/host/kernel/build/kconfig-expression';

const values = new Map([
  ['NET', 'y'],
  ['MODULAR', 'm'],
  ['PAHOLE_VERSION', '124'],
  ['NAME', '"text"'],
]);

describe('unmetDependencies()', () => {
  test.each([
    ['NET', []],
    ['MODULAR', []],
    ['BPF', ['BPF is not set']],
    ['!BPF', []],
    ['!NET', ['NET is set']],
    ['NET && BPF && JIT', ['BPF is not set', 'JIT is not set']],
    ['BPF || NET', []],
    ['BPF || JIT', ['BPF is not set', 'JIT is not set']],
    ['NET && (BPF || MODULAR)', []],
    ['BPF && NET || MODULAR', []],
    ['!(NET && MODULAR)', ['( NET && MODULAR ) is set']],
    ['NET=y', []],
    ['MODULAR = y', ['MODULAR is m, needed is = y']],
    ['MODULAR != n', []],
    ['NAME = "text"', []],
    ['PAHOLE_VERSION >= 116', []],
    ['PAHOLE_VERSION < 116', ['PAHOLE_VERSION is 124, needed is < 116']],
    ['CC_VERSION >= 5', ['CC_VERSION is n, needed is >= 5']],
    ['$(cc-option,-mfoo)', []],
    ['$(success,test $(OBJTOOL) = y) && NET', []],
  ])('judges %s', (expression, unmet) => {
    expect(unmetDependencies(expression, values)).toEqual(unmet);
  });
});
