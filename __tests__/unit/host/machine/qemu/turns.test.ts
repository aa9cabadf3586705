import { expect, test } from '@jest/globals';
import { checkTurns, turnsProblem } from '../../../../../src/host/machine/qemu/turns';

const MAPS = '7f00-7f10 r-xp 00000000 08:01 42 /package/native/build/host/libktstr_turns.so\n';
const THREADS = ['qemu-system-x86', 'IO mon_iothread', 'ALL CPUs/TCG'];

test.each([
  { maps: MAPS, threads: THREADS, problem: null },
  {
    maps: '7f00-7f10 r-xp 00000000 08:01 42 /lib/libc.so.6\n',
    threads: THREADS,
    problem: /does not load libktstr_turns/,
  },
  {
    maps: MAPS,
    threads: ['qemu', 'CPU 0/TCG'],
    problem: /no thread "ALL CPUs\/TCG", its threads are "qemu", "CPU 0\/TCG"/,
  },
])('turnsProblem() is $problem', ({ maps, threads, problem }) => {
  const found = turnsProblem(maps, threads);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toMatch(problem);
});

test('checkTurns() refuses a process that does not take turns', () => {
  expect(() => checkTurns(process.pid)).toThrow(
    /^start the deterministic machine: QEMU does not load libktstr_turns\.so\. .*use the emulated machine/,
  );
});
