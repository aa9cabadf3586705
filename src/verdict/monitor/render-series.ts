import { mean } from '../../stats/moments';
import { resample, segmentsOf, type Segment, type TimeStep } from './resample';
import type { MonitorSample } from './sample';
import { monitorSeries, type Series } from './series';
import { sparkline, type Glyphs } from './sparkline';

/** Fits with name and figures in the 120 columns of a usual terminal. */
const SPARKLINE_COLUMNS = 60;

export interface RenderOptions {
  /** The CPUs of each LLC. */
  llcs: readonly (readonly number[])[];
  /** In order of time. */
  steps?: readonly TimeStep[];
  glyphs: Glyphs;
}

/** The key series of a run, one line each: name, sparkline, and least, mean and highest value. None when there are no samples. */
export function renderMonitorSeries(samples: readonly MonitorSample[], options: RenderOptions): string[] {
  const { llcs, steps = [], glyphs } = options;
  const timesNs = samples.map(({ hostNs }) => hostNs);
  const segments = segmentsOf(timesNs, steps, SPARKLINE_COLUMNS);
  const lines = monitorSeries(samples, llcs).map((series) => ({
    name: series.name,
    text: `${draw(series, resample(series.values, timesNs, { segments, fold: series.fold }), glyphs)}  ${figures(series)}`,
  }));
  if (lines.length === 0) return [];
  const head = segments.some(({ label }) => label !== '') ? [{ name: 'step', text: labels(segments, glyphs) }] : [];
  const width = Math.max(...[...head, ...lines].map(({ name }) => name.length));
  return [...head, ...lines].map(({ name, text }) => `${name.padEnd(width)}  ${text}`);
}

function draw({ values, bottom, top }: Series, segments: readonly (number | null)[][], glyphs: Glyphs): string {
  const highest = top ?? values.reduce<number>((most, value) => Math.max(most, value ?? bottom), bottom);
  return segments.map((columns) => sparkline(columns, { bottom, top: highest }, glyphs)).join(glyphs.divider);
}

/** Names as far as there is room for them. */
function labels(segments: readonly Segment[], { divider }: Glyphs): string {
  return segments
    .map(({ label, columns }) => label.slice(0, columns).padEnd(columns))
    .join(divider)
    .trimEnd();
}

function figures({ values, unit }: Series): string {
  const sign = unit ?? '';
  const present = values.filter((value) => value !== null);
  const least = present.reduce((one, other) => Math.min(one, other));
  const highest = present.reduce((one, other) => Math.max(one, other));
  const [min, avg, max] = [least, mean(present) ?? 0, highest].map((value) => Number(value.toPrecision(3)));
  return `min ${min}${sign}  avg ${avg}${sign}  max ${max}${sign}`;
}
