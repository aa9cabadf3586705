import { describe, expect, test } from '@jest/globals';
import { renderMonitorSeries } from '../../../../src/verdict/monitor/render-series';
import type { MonitorSample } from '../../../../src/verdict/monitor/sample';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../../../src/verdict/monitor/sparkline';
import { sample, samplesOf } from './samples';

const LLCS = [
  [0, 1],
  [2, 3],
];

/** Four CPUs; the first half of 120 samples is idle on the second LLC, the other half has ever more tasks there. */
function busier(): MonitorSample[] {
  return samplesOf(120, (index) => [
    ...[{ nrRunning: 1 }, { nrRunning: 1, localDsqDepth: 2 }],
    ...(index < 60 ? [{ nrRunning: 0 }, { nrRunning: 0 }] : [{ nrRunning: index - 60 }, { nrRunning: 1 }]),
  ]);
}

describe('renderMonitorSeries()', () => {
  const steps = [
    { label: 'a quiet step', fromNs: 0n },
    { label: 'rush', fromNs: 1_600_000_000n },
  ];

  test('draws a line of sixty columns per series, split at the steps', () => {
    expect(renderMonitorSeries(busier(), { llcs: LLCS, steps, glyphs: UNICODE_GLYPHS })).toEqual([
      'step         a quiet step                  │rush',
      'tasks LLC 0  ██████████████████████████████│█████████████████████████████  min 2  avg 2  max 2',
      'tasks LLC 1  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁│▂▂▂▂▂▃▃▃▃▃▄▄▄▄▅▅▅▅▆▆▆▆▆▇▇▇▇██  min 0  avg 15.3  max 60',
      'local DSQ    ██████████████████████████████│█████████████████████████████  min 2  avg 2  max 2',
      'imbalance    ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁│▂▂▂▂▂▂▃▃▃▃▄▄▄▄▅▅▅▅▅▆▆▆▆▇▇▇▇██  min 1  avg 15.3  max 59',
      'wait         ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁│▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  min 0 ms  avg 0 ms  max 0 ms',
      'idle CPUs    ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅│▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  min 0%  avg 25.2%  max 50%',
    ]);
  });

  test('draws with plain characters alone where the terminal has no others', () => {
    const lines = renderMonitorSeries(busier(), { llcs: LLCS, steps, glyphs: ASCII_GLYPHS });
    expect(lines.join('')).toMatch(/^[ -~]+$/);
    expect(lines[2]).toBe(
      'tasks LLC 1  ______________________________|.....-----::::====+++++****##  min 0  avg 15.3  max 60',
    );
  });

  test('has no line of steps without steps, and no line at all without samples', () => {
    const lines = renderMonitorSeries(busier(), { llcs: LLCS, glyphs: ASCII_GLYPHS });
    expect(lines.map((line) => line.slice(0, 11).trimEnd())).toEqual([
      ...['tasks LLC 0', 'tasks LLC 1', 'local DSQ', 'imbalance', 'wait', 'idle CPUs'],
    ]);
    expect(lines[1]).toMatch(/^.{13}[_.\-:=+*#]{60} {2}min/);
    expect(renderMonitorSeries([], { llcs: LLCS, steps, glyphs: ASCII_GLYPHS })).toEqual([]);
    expect(renderMonitorSeries([sample(0, [], { valid: false })], { llcs: LLCS, glyphs: ASCII_GLYPHS })).toEqual([]);
  });
});
