import type { Declared } from '../src/spec/declare/registrar';
import { findMethod } from './declaration-site';
import { packageRoot } from '../src/package-root';
import type { RunError } from '../src/verdict/run-result';

/** Where a test is declared, as a stack: the frames of this package and of Jest are left out. */
export function declarationFrames(declared: Declared, file: string): string {
  const position = declared.method && findMethod(file, declared.method);
  if (position) return `    at ${declared.subject} (${file}:${position.line}:${position.column})`;
  const own = ['dist/', 'src/'].map((folder) => `${packageRoot()}/${folder}`);
  return (declared.declaredAt.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .filter((line) => !own.some((folder) => line.includes(folder)) && !line.includes('/node_modules/'))
    .filter((line) => !line.includes('node:'))
    .join('\n');
}

/** An error that Jest prints as it is, with a code frame at the first frame of the stack. */
export function authorError(message: string, frames: string, name = 'Error'): Error {
  const error = new Error(message);
  error.name = name;
  error.stack = `${name === 'Error' ? '' : `${name}: `}${message}\n${frames}`;
  return error;
}

/** The errors of a run after its first, which is the one that is thrown. */
const later = new WeakMap<Error, readonly Error[]>();

/** An error of the guest, as Jest would show it had it been thrown here. What else went wrong in the run is in `laterErrors`. */
export function guestError(errors: readonly RunError[], fallbackFrames: string): Error {
  const [first, ...others] = errors.map((error) => shownError(error, fallbackFrames));
  if (!first) return authorError('the guest reported an error without saying which', fallbackFrames);
  later.set(first, others);
  return first;
}

/** Errors that came after one that `guestError` made, in order of time. */
export function laterErrors(error: unknown): readonly Error[] {
  return later.get(error as Error) ?? [];
}

function shownError({ name, message, stack }: RunError, fallbackFrames: string): Error {
  if (!/^\s+at /m.test(stack)) return authorError(message, fallbackFrames, name);
  return Object.assign(new Error(message), { name, stack });
}
