import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { foldVerifierLog } from '../../../../src/verdict/scheduler/fold-verifier-log';

const iteration = (n: number): string[] => [
  '; for (i = 0; i < limit; i++) @ main.bpf.c:12',
  `17: (07) r1 += 1                      ; R1_w=${n}`,
  `18: (25) if r1 > 0x40 goto pc+3      ; R1_w=${n}`,
  '19: (05) goto pc-3',
];

describe('foldVerifierLog()', () => {
  test('keeps the first and the last iteration of a loop, and says how many are left out', () => {
    const loop = Array.from({ length: 50 }, (_, n) => iteration(n)).flat();
    const folded = foldVerifierLog(['0: R1=ctx()', ...loop, '20: (95) exit'].join('\n')).split('\n');
    expect(folded).toEqual([
      '0: R1=ctx()',
      ...iteration(0),
      '[… 48 further iterations of these 4 lines left out …]',
      ...iteration(49),
      '20: (95) exit',
    ]);
  });

  test('leaves what does not repeat as it is', () => {
    const text = [...iteration(1), ...iteration(2), 'processed 20 insns'].join('\n');
    expect(foldVerifierLog(text)).toBe(text);
  });

  test('folds loops in loops', () => {
    const inner = Array.from({ length: 10 }, (_, n) => [`5: r2 += 1 ; R2=${n}`, '6: goto pc-1']).flat();
    const outer = Array.from({ length: 10 }, (_, n) => [`4: r1 = 0 ; R1=${n}`, ...inner, '7: goto pc-3']).flat();
    expect(foldVerifierLog(outer.join('\n')).split('\n').length).toBeLessThan(20);
  });

  test('keeps the last line of every text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 60 }), (lines) => {
        expect(foldVerifierLog(lines.join('\n')).split('\n').at(-1)).toBe(lines.at(-1));
      }),
    );
  });
});
