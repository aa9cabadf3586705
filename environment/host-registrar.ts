import { HarnessError, isHarnessError } from '../src/errors';
import type { Messages } from '../src/protocol/messages';
import { fullName } from '../src/spec/declare/identify';
import { mergeOptions } from '../src/spec/declare/merge-options';
import type { Declared, Registrar } from '../src/spec/declare/registrar';
import { resolveOptions } from '../src/spec/declare/resolve';
import type { TestId, TestSpec } from '../src/spec/declare/test-spec';
import type { ConsoleAllowEntry } from '../src/verdict/console/console-allow';
import type { RunResult } from '../src/verdict/run-result';
import { authorError, declarationFrames, laterErrors } from './author-error';
import { failureError } from './failure-error';
import { forwardConsole, type ConsoleTarget } from './forward-console';
import { judge } from './judge';
import { planRun } from './plan';
import { repeatDifference } from './repeat-difference';
import { runOnHost } from './run-on-host';
import { runOnce, type FinishedRun } from './run-test';

/** What the environment knows about a declared test once the file has loaded. */
export interface KnownTest {
  id: TestId;
  spec: TestSpec;
}

export interface HostRegistrarOptions {
  rootDir: string;
  decorators: 'legacy' | 'standard';
  /** Of the environment, for every test. */
  consoleAllow: readonly ConsoleAllowEntry[];
  console: ConsoleTarget;
  /** Called when a body asked to be skipped. */
  onSkip(declared: Declared, reason: string): void;
}

/** The registrar of the Jest environment: it boots a machine for each run of a declared test. */
export class HostRegistrar implements Registrar {
  /** Every declaration of the file, in order. */
  readonly declared = new Set<Declared>();
  readonly #known = new Map<Declared, KnownTest>();
  readonly #options: HostRegistrarOptions;

  constructor(options: HostRegistrarOptions) {
    this.#options = options;
  }

  declare(declared: Declared): void {
    this.declared.add(declared);
  }

  /** Checks the options of a test that was found in Jest's tree. @throws {Error} pointing at the declaration */
  resolve(declared: Declared, id: TestId): KnownTest {
    const resolved = resolveOptions(mergeOptions(...declared.layers()));
    if ('issues' in resolved) {
      const { message } = new HarnessError('options-invalid', { subject: declared.subject, issues: resolved.issues });
      throw authorError(message, declarationFrames(declared, id.file));
    }
    const consoleAllow = [...this.#options.consoleAllow, ...resolved.spec.consoleAllow];
    const known = { id, spec: { ...resolved.spec, consoleAllow } };
    this.#known.set(declared, known);
    return known;
  }

  known(declared: Declared): KnownTest | undefined {
    return this.#known.get(declared);
  }

  async run(declared: Declared): Promise<RunResult | null> {
    const known = this.#known.get(declared);
    if (!known) throw new HarnessError('class-undecorated', { test: declared.subject });
    if (known.spec.hostOnly) return this.#runOnHost(declared, known);
    const results: RunResult[] = [];
    for (let index = 0; index < known.spec.repeat; index++) {
      const finished = await this.#runOnce(declared, known);
      this.#refuse(declared, known, finished);
      results.push(finished.result);
    }
    const difference = results[0]?.machine === 'deterministic' ? repeatDifference(results) : null;
    if (difference !== null) {
      throw authorError(`${declared.subject}: ${difference}`, declarationFrames(declared, known.id.file));
    }
    return results[0] ?? null;
  }

  /** Planned anew for every run: that is cheap when nothing has changed, and its cost belongs to the run. */
  async #runOnce(declared: Declared, { id, spec }: KnownTest): Promise<FinishedRun> {
    const { rootDir, decorators, console } = this.#options;
    try {
      const plan = await planRun({ id, spec, rootDir, decorators });
      const onConsole = (entry: Messages['console']): void => forwardConsole(console, entry, plan.mapper);
      return await runOnce({ name: fullName(id), spec, plan, onConsole });
    } catch (error) {
      // A fault of the harness has no frame of the author's; the declaration stands for it.
      if (isHarnessError(error)) throw authorError(error.message, declarationFrames(declared, id.file));
      throw error;
    }
  }

  async #runOnHost(declared: Declared, { id, spec }: KnownTest): Promise<null> {
    const judgement = await runOnHost(declared, spec);
    if (judgement.kind === 'skipped') this.#options.onSkip(declared, judgement.reason);
    if (judgement.kind !== 'refused') return null;
    throw authorError(`${fullName(id)}: ${judgement.text}`, declarationFrames(declared, id.file));
  }

  /** @throws {Error} when the run does not count as passed */
  #refuse(declared: Declared, { id, spec }: KnownTest, finished: FinishedRun): void {
    const frames = declarationFrames(declared, id.file);
    const failure = failureError(spec, finished, frames);
    const errors = failure ? [failure, ...laterErrors(failure)] : [];
    const judgement = judge(finished.result, spec, errors.map(({ stack, message }) => stack ?? message).join('\n\n'));
    if (judgement.kind === 'skipped') this.#options.onSkip(declared, judgement.reason);
    if (judgement.kind !== 'refused') return;
    if (failure && !spec.expectFailure) throw failure;
    // The text of a failure ends in the frames of that failure.
    throw authorError(`${finished.result.test}: ${judgement.text}`, failure ? '' : frames);
  }
}
