import type { TestSpec } from '../src/spec/declare/test-spec';
import type { AssertDetail } from '../src/verdict/assert-result';
import type { RunResult } from '../src/verdict/run-result';

/** A run that counts as passed is `accepted`; `skipped` is reported as such; anything else is `refused` with a text. */
export type Judgement = { kind: 'accepted' } | { kind: 'skipped'; reason: string } | { kind: 'refused'; text: string };

/** What of a result is judged. */
type Judged = Pick<RunResult, 'outcome' | 'details' | 'failure'> & Partial<Pick<RunResult, 'splats'>>;

/**
 * Weighs what a run came to against what its author expects.
 *
 * @param failureText what would be shown for the failure; a pattern of `expectFailure` is matched against it
 */
export function judge(result: Judged, spec: TestSpec, failureText: string): Judgement {
  if (spec.expectFailure) return judgeExpected(result, spec.expectFailure, failureText);
  if (result.outcome === 'fail') return { kind: 'refused', text: failureText };
  if (result.outcome === 'skip') return { kind: 'skipped', reason: messages(result, 'skip') };
  if (result.outcome === 'inconclusive' && !spec.allowInconclusive) {
    return {
      kind: 'refused',
      text: `inconclusive, which is not a pass (allowInconclusive accepts it):\n${messages(result, 'inconclusive')}`,
    };
  }
  return { kind: 'accepted' };
}

function judgeExpected(
  result: Judged,
  expected: NonNullable<TestSpec['expectFailure']>,
  failureText: string,
): Judgement {
  const wanted = 'kind' in expected ? `of kind ${expected.kind}` : `matching /${expected.pattern}/${expected.flags}`;
  if (result.outcome !== 'fail') {
    return { kind: 'refused', text: `expected a failure ${wanted}, but the test came out as ${result.outcome}` };
  }
  if (isExpected(result, expected, failureText)) return { kind: 'accepted' };
  return {
    kind: 'refused',
    text: `expected a failure ${wanted}, but it failed otherwise (${kindsOf(result).join(', ')}):\n${failureText}`,
  };
}

function isExpected(result: Judged, expected: NonNullable<TestSpec['expectFailure']>, failureText: string): boolean {
  if ('kind' in expected) return kindsOf(result).includes(expected.kind);
  return new RegExp(expected.pattern, expected.flags).test(failureText);
}

/** The kind of the run's failure, of every check that failed, and that of the console when the kernel complained. */
function kindsOf(result: Judged): string[] {
  const kinds = result.details.filter((detail) => detail.outcome === 'fail').map((detail): string => detail.kind);
  if (result.splats?.length) kinds.push('kernel-splat');
  return [...new Set(result.failure ? [result.failure, ...kinds] : kinds)];
}

function messages(result: Judged, outcome: AssertDetail['outcome']): string {
  const found = result.details.filter((detail) => detail.outcome === outcome).map((detail) => detail.message);
  return found.length > 0 ? found.join('\n') : `no reason was given`;
}
