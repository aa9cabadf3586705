import { execFileSync } from 'node:child_process';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { builtProgram } from '../programs';

/** A process of this host is traced: its debug registers are those of the CPU. */
describe('debug_registers_fill()', () => {
  let program: string;
  beforeAll(() => {
    program = builtProgram('host/watch_test');
  });

  test.each([
    { name: 'nothing', watches: [], hits: '- - - - - - - - - - - - - - - -' },
    { name: 'one byte', watches: ['3:1'], hits: '- - - 0 - - - - - - - - - - - -' },
    { name: 'each width', watches: ['0:1', '4:4', '2:2', '8:8'], hits: '0 - 2 2 1 1 1 1 3 3 3 3 3 3 3 3' },
    { name: 'the same byte twice', watches: ['0:8', '1:1'], hits: '0 01 0 0 0 0 0 0 - - - - - - - -' },
    { name: 'the last slot alone', watches: ['0:0', '0:0', '0:0', '12:2'], hits: '- - - - - - - - - - - - 3 3 - -' },
  ])('watches $name', ({ watches, hits }) => {
    expect(execFileSync(program, watches, { encoding: 'utf8', timeout: 10_000 }).trim()).toBe(hits);
  });
});
