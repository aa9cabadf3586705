import type { OptionIssue } from '../../../../src/errors';
import { resolveOptions } from '../../../../src/spec/declare/resolve';
import type { TestSpec } from '../../../../src/spec/declare/test-spec';

/** @throws {Error} for options that are refused */
export function specOf(options: unknown): TestSpec {
  const resolved = resolveOptions(options);
  if ('issues' in resolved) throw new Error(`refused: ${JSON.stringify(resolved.issues)}`);
  return resolved.spec;
}

export function issuesOf(options: unknown): OptionIssue[] {
  const resolved = resolveOptions(options);
  return 'issues' in resolved ? resolved.issues : [];
}
