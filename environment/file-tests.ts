import type { Circus } from '@jest/types';

import { HarnessError, isHarnessError } from '../src/errors';
import { declaredOf, identifyTests } from '../src/spec/declare/identify';
import type { Declared } from '../src/spec/declare/registrar';
import { scaledMs } from '../src/spec/time-scale';
import { authorError, declarationFrames, laterErrors } from './author-error';
import { chooseMachine, isRequired } from './availability';
import { jestTimeoutMs } from './deadlines';
import { HookSwitch } from './hook-switch';
import type { HostRegistrar, KnownTest } from './host-registrar';

export interface FileTestsOptions {
  testPath: string;
  registrar: HostRegistrar;
  /** `origin` is where the text comes from, as frames of a stack. */
  warn(text: string, origin: string): void;
}

/** The declared tests of one file, from the end of its loading to the end of its run, as jest-circus's events tell it. */
export class FileTests {
  readonly #options: FileTestsOptions;
  readonly #hooks = new HookSwitch();
  readonly #skipped = new Map<Declared, string>();
  #warned = false;

  constructor(options: FileTestsOptions) {
    this.#options = options;
  }

  /** To be called with every event, after the base environment has seen it. @throws {Error} when a declaration is not possible */
  handle(event: Circus.Event, state: Circus.State): void {
    if (event.name === 'run_start') this.#resolveAll(state);
    if (event.name === 'test_start') this.#skipUnavailable(event.test);
    if (event.name === 'test_fn_start') this.#setTimeout(event.test);
    // Jest shows each with a code frame of its own.
    if (event.name === 'test_fn_failure') event.test.errors.push(...laterErrors(event.error));
    if (event.name === 'test_done') this.#markSkipped(event.test);
    this.#hooks.handle(event, state, (test) => this.#known(test)?.spec.hostOnly === false);
  }

  /** A body asked to be skipped. */
  skip(declared: Declared, reason: string): void {
    this.#skipped.set(declared, reason);
  }

  /** Options are judged before anything runs: a wrong one fails the whole file, as any mistake at its top level does. */
  #resolveAll(state: Circus.State): void {
    const { registrar, testPath } = this.#options;
    const found = identifyTests<Circus.TestEntry>(state.rootDescribeBlock);
    for (const { test, declared, id } of found) {
      const { label } = registrar.resolve(declared, { file: testPath, ...id });
      // Defaults of a class are not known yet when its methods are registered.
      if (declared.label !== label)
        registerOnce(test, declared, { title: id.title, first: registrar.labels(declared)[0] });
    }
    for (const declared of registrar.declared) {
      if (registrar.known(declared)) continue;
      const { message } = new HarnessError('class-undecorated', { test: declared.subject });
      throw authorError(message, declarationFrames(declared, testPath));
    }
  }

  #known(test: Circus.TestEntry): KnownTest | undefined {
    const declared = declaredOf(test);
    return declared && this.#options.registrar.known(declared);
  }

  #skipUnavailable(test: Circus.TestEntry): void {
    const known = this.#known(test);
    if (!known || known.spec.hostOnly || isRequired(process.env)) return;
    try {
      chooseMachine(known.spec.machine);
    } catch (error) {
      if (!isHarnessError(error, 'machine-unavailable')) throw error;
      test.mode = 'skip';
      if (this.#warned) return;
      this.#warned = true;
      this.#warn(test, `ktstr skips tests: ${error.message} (KTSTR_REQUIRE=1 makes this a failure)`);
    }
  }

  /** Jest reads the timeout after this event. */
  #setTimeout(test: Circus.TestEntry): void {
    const known = this.#known(test);
    if (known) test.timeout = known.spec.hostOnly ? scaledMs(known.spec.timeoutMs) : jestTimeoutMs(known.spec);
  }

  #markSkipped(test: Circus.TestEntry): void {
    const declared = declaredOf(test);
    const reason = declared && this.#skipped.get(declared);
    if (reason === undefined || test.errors.length > 0) return;
    test.status = 'skip';
    this.#warn(test, `${declared?.subject ?? test.name} is skipped: ${reason}`);
  }

  #warn(test: Circus.TestEntry, text: string): void {
    const declared = declaredOf(test);
    this.#options.warn(text, declared ? declarationFrames(declared, this.#options.testPath) : '');
  }
}

/** Undoes for one test that it is registered once per kernel: the first stays under its title, the others go. */
function registerOnce(
  test: Circus.TestEntry,
  declared: Declared,
  { title, first }: { title: string; first: string | undefined },
): void {
  const isFirst = declared.label === first;
  delete declared.label;
  if (isFirst) {
    test.name = title;
    return;
  }
  const { parent } = test;
  parent.children = parent.children.filter((child) => child !== test);
  parent.tests = parent.tests.filter((child) => child !== test);
}
