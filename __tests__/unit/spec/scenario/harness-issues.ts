import { isHarnessError, type OptionIssue } from '../../../../src/errors';

/** The issues of the `options-invalid` error that `act` throws; none when it throws nothing. */
export function issuesOf(act: () => unknown): readonly OptionIssue[] {
  try {
    act();
  } catch (error) {
    if (isHarnessError(error, 'options-invalid')) return error.fields.issues;
    throw error;
  }
  return [];
}
