import { topologyLabel, type Topology } from '../src/spec/topology/topology';
import { dumpText } from './dump-text';
import { renderMonitorFacts } from '../src/verdict/monitor/render-facts';
import { renderMonitorSeries } from '../src/verdict/monitor/render-series';
import { glyphsFor } from '../src/verdict/monitor/sparkline';
import type { RunResult } from '../src/verdict/run-result';

/** What failed checks say, with the figures of each cgroup under them. */
export function checkText(result: RunResult, topology: Topology): string {
  const facts = result.monitor === null ? [] : renderMonitorFacts(result.monitor);
  const failed = result.details.filter((detail) => detail.outcome === 'fail');
  return [
    `${result.test}: ${failed.length} check${failed.length === 1 ? '' : 's'} failed ${circumstances(result, topology)}`,
    ...failed.map((detail) => `  ${detail.kind}: ${detail.message}`),
    ...figureLines(result),
    ...(facts.length > 0 ? ['', ...facts.map((line) => `  ${line}`)] : []),
    ...(result.dump === null ? [] : ['', ...dumpText(result.dump, result.dumpFile)]),
  ].join('\n');
}

/** What a run came to that is told though it passed. */
export function passedText(result: RunResult, topology: Topology): string {
  return [`${result.test}: ${result.outcome} ${circumstances(result, topology)}`, ...figureLines(result)].join('\n');
}

function circumstances({ machine, scheduler }: RunResult, topology: Topology): string {
  return `[${machine} ${topologyLabel(topology)} ${scheduler}]`;
}

function figureLines(result: RunResult): string[] {
  return [
    ...(result.stats.length > 0 ? ['', ...statsLines(result)] : []),
    ...(result.samples.length > 0 ? ['', ...seriesLines(result)] : []),
  ];
}

function seriesLines({ samples, topology }: RunResult): string[] {
  const llcs = topology?.llcs.map(({ cpus }) => cpus) ?? [];
  return renderMonitorSeries(samples, { llcs, glyphs: glyphsFor(process.env) }).map((line) => `  ${line}`);
}

function statsLines(result: RunResult): string[] {
  const percent = (value: number | null): string => (value === null ? '-' : `${value.toFixed(1)}%`);
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
  const gap = ({ maxGapMs, maxGapCpu }: RunResult['stats'][number]): string =>
    maxGapCpu < 0 ? 'no gap seen' : `longest gap ${maxGapMs.toFixed(1)} ms on CPU ${maxGapCpu}`;
  return result.stats.map(
    (stats) =>
      `  ${stats.cgroup}: ${count(stats.workers, 'worker')} on ${count(stats.cpus, 'CPU')}, off CPU ${percent(stats.minOffCpuPct)}..${percent(stats.maxOffCpuPct)}` +
      ` (spread ${percent(stats.spreadPct)}), ${gap(stats)},` +
      ` ${stats.iterations} iterations, ${stats.migrations} migrations`,
  );
}
