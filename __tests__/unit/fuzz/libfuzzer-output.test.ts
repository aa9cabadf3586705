import { describe, expect, test } from '@jest/globals';

import { figuresOf, findingOf } from '../../../fuzz/libfuzzer-output';

const START = `INFO: Running with entropic power schedule (0xFF, 100).
INFO: Seed: 902471985
INFO: Loaded 1 modules   (257 inline 8-bit counters): 257 [0x558fdced11e0, 0x558fdced12e1),
#2	INITED cov: 8 ft: 9 corp: 1/1b exec/s: 0 rss: 31Mb
#7	NEW    cov: 12 ft: 13 corp: 2/3b lim: 4 exec/s: 0 rss: 32Mb L: 2/2 MS: 5 ChangeBit-CrossOver-
`;

const END = `#162647	DONE   cov: 117 ft: 678 corp: 248/15437b lim: 309 exec/s: 14786 rss: 76Mb
Done 162647 runs in 11 second(s)
stat::number_of_executed_units: 162647
stat::average_exec_per_sec:     14786
stat::new_units_added:          267
stat::slowest_unit_time_sec:    0
stat::peak_rss_mb:              77
`;

const CRASH = `fuzz/image.c:64: does not hold: boot->entry < boot->kernel_end
==20187== ERROR: libFuzzer: deadly signal
    #0 0x55877a6b1981 in __sanitizer_print_stack_trace ??:?
SUMMARY: libFuzzer: deadly signal
artifact_prefix='/tmp/a b/'; Test unit written to /tmp/a b/crash-1d21a518
Base64: MAEAAAAA/wA=
`;

describe('figuresOf()', () => {
  test('reads the figures of a run that ended well', () => {
    expect(figuresOf(START + END)).toEqual({
      ...{ seed: 902471985, executions: 162647, edges: { reached: 117, all: 257 }, corpus: 248, peakMemoryMib: 77 },
    });
  });

  test('reads as much as there is when a run was cut short', () => {
    expect(figuresOf(START)).toMatchObject({ executions: 7, edges: { reached: 12, all: 257 }, corpus: 2 });
    expect(figuresOf('')).toEqual({
      ...{ seed: null, executions: 0, edges: { reached: 0, all: 0 }, corpus: 0, peakMemoryMib: 0 },
    });
  });
});

describe('findingOf()', () => {
  test.each([
    { what: 'an invariant', output: START + CRASH, summary: 'does not hold: boot->entry < boot->kernel_end' },
    { what: 'undefined behaviour', output: 'a.c:1:2: runtime error: shift\n', summary: 'runtime error: shift' },
    {
      what: 'memory, rather than what follows from it',
      output: '==1==ERROR: AddressSanitizer: SEGV on 0x0\n==1== ERROR: libFuzzer: deadly signal\n',
      summary: 'ERROR: AddressSanitizer: SEGV on 0x0',
    },
    {
      what: 'time',
      output: '==1== ERROR: libFuzzer: timeout after 10 s\n',
      summary: 'ERROR: libFuzzer: timeout after 10 s',
    },
    { what: 'nothing that is known', output: 'Killed\n', summary: 'it was ended by SIGKILL' },
  ])('names what is wrong: $what', ({ output, summary }) => {
    expect(findingOf(output, 'it was ended by SIGKILL').summary).toBe(summary);
  });

  test('tells where the input is, if it was written', () => {
    expect(findingOf(CRASH, 'it exited with status 77').reproducer).toBe('/tmp/a b/crash-1d21a518');
    expect(findingOf('', 'it exited with status 1').reproducer).toBeNull();
  });

  test('keeps the end of the output', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
    expect(findingOf(lines.join('\n'), 'x').report.split('\n')).toEqual(lines.slice(40));
  });
});
