import type { AssertResult, DetailKind, Outcome } from './assert-result';

/** A result that passes. */
export function pass(): AssertResult {
  return { outcome: 'pass', details: [], stats: [], workers: [] };
}

/** A result that says the test does not apply here; it counts as skipped. */
export function skip(reason: string): AssertResult {
  return single('skip', 'skip', reason);
}

/** A result without the evidence for a verdict; it does not pass, unless the test sets `allowInconclusive`. */
export function inconclusive(reason: string): AssertResult {
  return single('inconclusive', 'other', reason);
}

/** A result that fails with one message of the test's own. */
export function fail(message: string): AssertResult {
  return single('fail', 'other', message);
}

function single(outcome: Outcome, kind: DetailKind, message: string): AssertResult {
  return { outcome, details: [{ kind, outcome, message }], stats: [], workers: [] };
}
