import { inspect } from 'node:util';

import type { GuestErrorData } from '../protocol/messages';

interface MatcherFailure {
  matcherResult?: { name?: unknown };
}

/** What an author threw, whatever it is, as plain data. `fallback` is an error made where the test or hook was defined. */
export function toGuestError(thrown: unknown, fallback?: Error): GuestErrorData {
  if (!isErrorLike(thrown)) {
    const message = `thrown: ${typeof thrown === 'string' ? thrown : inspect(thrown)}`;
    return { name: 'Error', message, stack: `Error: ${message}\n${framesOf(fallback?.stack)}` };
  }
  if (isSuppressed(thrown)) {
    const first = toGuestError(thrown.suppressed, fallback);
    return { ...first, stack: `${first.stack}\n\nAlso, while cleaning up: ${errorText(thrown.error)}` };
  }
  const stack =
    framesOf(thrown.stack) === '' && fallback ? `${thrown.message}\n${framesOf(fallback.stack)}` : thrown.stack;
  const matcher = (thrown as MatcherFailure).matcherResult?.name;
  return {
    name: thrown.name,
    message: thrown.message,
    stack: (stack ?? '') + causeText(thrown.cause),
    ...(typeof matcher === 'string' && { matcher }),
  };
}

function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && typeof (value as { message?: unknown }).message === 'string';
}

/** What `using` throws when cleaning up after an error fails as well; the error that came first is the one to read. */
function isSuppressed(error: Error): error is Error & { error: unknown; suppressed: unknown } {
  return error.name === 'SuppressedError' && 'suppressed' in error && 'error' in error;
}

function causeText(cause: unknown): string {
  return cause === undefined ? '' : `\n\nCause: ${errorText(cause)}`;
}

function errorText(error: unknown): string {
  return isErrorLike(error) ? (error.stack ?? error.message) + causeText(error.cause) : inspect(error);
}

function framesOf(stack: string | undefined): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
