import { describe, expect, test } from '@jest/globals';
import { failingLines } from '../../../../../src/host/kernel/build/failing-lines';

const NOISE = Array.from({ length: 40 }, (_, index) => `  CC      fs/file-${index}.o`).join('\n');

describe('failingLines()', () => {
  test.each([
    [
      'the compiler',
      `  CC      kernel/sched/core.o
kernel/sched/core.c: In function 'schedule':
kernel/sched/core.c:6801:9: error: 'nonsense' undeclared (first use in this function)
make[4]: *** [scripts/Makefile.build:229: kernel/sched/core.o] Error 1
${NOISE}
make: *** [Makefile:224: __sub-make] Error 2`,
      ["kernel/sched/core.c:6801:9: error: 'nonsense' undeclared (first use in this function)"],
    ],
    [
      'the linker',
      "ld: vmlinux.o: in function `start_kernel':\nmain.c:(.init.text+0x1): undefined reference to `nonsense'\n" +
        NOISE,
      ["main.c:(.init.text+0x1): undefined reference to `nonsense'"],
    ],
    [
      'a program that is missing',
      `/bin/sh: 1: flex: not found\n${NOISE}\nmake[1]: *** [Makefile:733: syncconfig] Error 2`,
      ['/bin/sh: 1: flex: not found'],
    ],
    [
      'a header that is missing',
      `scripts/sorttable.c:27:10: fatal error: libelf.h: No such file or directory\n${NOISE}`,
      ['scripts/sorttable.c:27:10: fatal error: libelf.h: No such file or directory'],
    ],
    [
      'make, when it is make that finds the fault',
      `${NOISE}\nmake[1]: *** No rule to make target 'init/nonsense.o', needed by 'init/built-in.a'.  Stop.\nmake: *** [Makefile:224: __sub-make] Error 2`,
      ["make[1]: *** No rule to make target 'init/nonsense.o', needed by 'init/built-in.a'.  Stop."],
    ],
    [
      'make, when nothing else says more',
      `${NOISE}\nmake: *** [Makefile:224: vmlinux] Killed`,
      ['make: *** [Makefile:224: vmlinux] Killed'],
    ],
  ])('finds what %s says', (_, log, lines) => {
    expect(failingLines(log)).toEqual(lines);
  });

  test('gives the end of a log that names no fault', () => {
    expect(failingLines(`${NOISE}\n\n`)).toEqual(NOISE.split('\n').slice(-15));
  });

  test('gives each line once and not more than fifteen', () => {
    const errors = Array.from({ length: 30 }, (_, index) => `a.c:${index % 20}:1: error: no`);
    expect(failingLines(errors.join('\n'))).toEqual(errors.slice(0, 15));
  });
});
