import type { RunResult } from '../../verdict/run-result';
import type { Ctx } from './ctx';
import type { TestOptions } from './options';
import type { AssertResult } from '../../verdict/assert-result';

export type BodyResult = AssertResult | void;
export type TestBody = (ctx: Ctx) => BodyResult | Promise<BodyResult>;

/** A test as its author wrote it, before its options are checked. */
export interface Declared {
  /** For messages: `Fairness.splitCgroups`. */
  subject: string;
  /** Class defaults below the test's own options; read late, because a class decorator runs after those of its methods. */
  layers(): readonly TestOptions[];
  body: TestBody;
  /** Of a test that runs with several kernels: the one of this run, as it stands in brackets behind the title. */
  label?: string;
  /** Of a test that is a method. */
  method?: { className: string; method: string };
  /** Stack of the declaration, for errors that point at it. */
  declaredAt: Error;
}

/** Runs a declared test. The Jest environment puts one on the sandbox's global that boots a machine, the guest one that runs the body. */
export interface Registrar {
  /** What a test is registered once for each of, under names of their own; empty where it is registered once and as it is. */
  labels(declared: Declared): readonly string[];
  /** Called once per declaration, while the file loads. */
  declare(declared: Declared): void;
  /** Resolves with the result where there is one (on the host), null in the guest; rejects with what the author should read. */
  run(declared: Declared): Promise<RunResult | null>;
}

/** Key of the registrar on the global, and of the declaration on the function that is given to Jest's `test`. */
export const REGISTRAR = Symbol.for('ktstr.registrar');
export const DECLARED = Symbol.for('ktstr.declared');

export function findRegistrar(): Registrar | undefined {
  return (globalThis as { [REGISTRAR]?: Registrar })[REGISTRAR];
}
