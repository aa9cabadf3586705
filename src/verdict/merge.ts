import { OUTCOMES, type AssertResult, type Outcome } from './assert-result';
import type { Thresholds } from './thresholds';

/** The most severe of the outcomes. Nothing at all folds to `skip`, the least severe one. */
export function foldOutcomes(outcomes: Iterable<Outcome>): Outcome {
  const seen = new Set(outcomes);
  return OUTCOMES.find((outcome) => seen.has(outcome)) ?? 'skip';
}

/** Details, stats and workers one after the other, under the most severe outcome. */
export function mergeAssertResults(results: readonly AssertResult[]): AssertResult {
  return {
    outcome: foldOutcomes(results.map((result) => result.outcome)),
    details: results.flatMap((result) => result.details),
    stats: results.flatMap((result) => result.stats),
    workers: results.flatMap((result) => result.workers),
  };
}

/** Layers from the outermost to the innermost (scheduler, class defaults, test): the last one set wins, unset ones inherit. */
export function mergeThresholds(...layers: readonly (Thresholds | undefined)[]): Thresholds {
  const merged: Thresholds = {};
  for (const layer of layers) {
    Object.assign(merged, Object.fromEntries(Object.entries(layer ?? {}).filter(([, value]) => value !== undefined)));
  }
  return merged;
}
