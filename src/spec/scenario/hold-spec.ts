import { HarnessError, type OptionIssue } from '../../errors';

/** How long a step holds: a fraction of `ctx.durationMs`, or a fixed time. */
export type HoldSpec = { kind: 'fraction'; of: number } | { kind: 'fixed'; ms: number };

/** Builds holds. Each throws a `HarnessError` `options-invalid` for a time that is not above zero. */
export const Hold = {
  /** All of `ctx.durationMs`. */
  full: { kind: 'fraction', of: 1 } satisfies HoldSpec as HoldSpec,

  /** A share of `ctx.durationMs`, above 0 and at most 1. */
  fraction: (of: number): HoldSpec => checked({ kind: 'fraction', of }),

  /** A time in milliseconds, above 0. */
  fixed: (ms: number): HoldSpec => checked({ kind: 'fixed', ms }),
};

/** Length of a hold in whole milliseconds, at least one. */
export function holdMs(spec: HoldSpec, durationMs: number): number {
  const ms = spec.kind === 'fixed' ? spec.ms : spec.of * durationMs;
  return Math.max(Math.round(ms), 1);
}

/** What is wrong with a hold. */
export function holdIssues(spec: HoldSpec): OptionIssue[] {
  if (spec.kind === 'fraction') {
    if (spec.of > 0 && spec.of <= 1) return [];
    const allowed = 'a share of durationMs, above 0 and at most 1';
    return [{ option: 'of', value: String(spec.of), allowed, example: 'Hold.fraction(0.5)' }];
  }
  if (spec.ms > 0 && Number.isFinite(spec.ms)) return [];
  return [{ option: 'ms', value: String(spec.ms), allowed: 'milliseconds above 0', example: 'Hold.fixed(500)' }];
}

function checked(spec: HoldSpec): HoldSpec {
  const issues = holdIssues(spec);
  if (issues.length > 0) throw new HarnessError('options-invalid', { subject: `Hold.${spec.kind}`, issues });
  return spec;
}
