import { relative } from 'node:path';

import { HarnessError, isHarnessError } from '../src/errors';
import { cacheDir } from '../src/host/kernel/store';
import type { Messages } from '../src/protocol/messages';
import { fullName, labelled } from '../src/spec/declare/identify';
import { mergeOptions } from '../src/spec/declare/merge-options';
import type { Declared, Registrar } from '../src/spec/declare/registrar';
import { resolveOptions } from '../src/spec/declare/resolve';
import type { TestId, TestSpec } from '../src/spec/declare/test-spec';
import type { ConsoleAllowEntry } from '../src/verdict/console/console-allow';
import type { RunResult } from '../src/verdict/run-result';
import { authorError, declarationFrames, laterErrors } from './author-error';
import { failureError } from './failure-error';
import { addToConsole, forwardConsole, type ConsoleTarget } from './forward-console';
import { judge } from './judge';
import { passedText } from './check-text';
import { chooseKernels, NO_CHOICE, type KernelChoice } from './kernel-choice';
import { planRun } from './plan';
import { repeatDifference } from './repeat-difference';
import { runOnHost } from './run-on-host';
import { runOnce, type FinishedRun } from './run-test';

/** What the environment knows about a declared test once the file has loaded. */
export interface KnownTest {
  id: TestId;
  spec: TestSpec;
  /** The label of the kernel, where that is one of several. */
  label?: string;
}

export interface HostRegistrarOptions {
  testPath: string;
  rootDir: string;
  decorators: 'legacy' | 'standard';
  /** Of the environment, for every test. */
  consoleAllow: readonly ConsoleAllowEntry[];
  /** Kernels that every test runs with which names none; empty means the usual lookup. */
  kernels: readonly string[];
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
  #kernels: KernelChoice = NO_CHOICE;
  #kernelError: unknown = null;

  constructor(options: HostRegistrarOptions) {
    this.#options = options;
  }

  /** To be awaited before the file loads. What cannot be found fails the file when it declares a test, and no file without tests. */
  async prepare(): Promise<void> {
    try {
      this.#kernels = await chooseKernels(this.#options.kernels, { cacheDir: cacheDir(process.env), env: process.env });
    } catch (error) {
      this.#kernelError = error;
    }
  }

  /** @throws {Error} pointing at the declaration, when one of several kernels is not there */
  labels(declared: Declared): readonly string[] {
    if (isHarnessError(this.#kernelError))
      throw authorError(this.#kernelError.message, declarationFrames(declared, this.#options.testPath));
    if (this.#kernelError !== null) throw this.#kernelError;
    return [...this.#kernels.labels.keys()];
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
    const known = { id, ...this.#withKernel({ ...resolved.spec, consoleAllow }, declared.label) };
    this.#known.set(declared, known);
    return known;
  }

  /** A test that names its kernel, or needs none, is not one of several. */
  #withKernel(spec: TestSpec, label: string | undefined): Pick<KnownTest, 'spec' | 'label'> {
    if (spec.hostOnly || spec.kernel !== undefined) return { spec };
    const { labels, only } = this.#kernels;
    const kernel = label === undefined ? only : labels.get(label);
    return {
      spec: { ...spec, ...(kernel === undefined ? {} : { kernel }) },
      ...(label === undefined ? {} : { label }),
    };
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
      if (known.spec.verbose) this.#tell(declared, known, finished.result);
      results.push(finished.result);
    }
    const difference = results[0]?.machine === 'deterministic' ? repeatDifference(results) : null;
    if (difference !== null) {
      throw authorError(`${declared.subject}: ${difference}`, declarationFrames(declared, known.id.file));
    }
    return results[0] ?? null;
  }

  /** Planned anew for every run: that is cheap when nothing has changed, and its cost belongs to the run. */
  async #runOnce(declared: Declared, { id, spec, label }: KnownTest): Promise<FinishedRun> {
    const { rootDir, decorators, console } = this.#options;
    try {
      const plan = await planRun({ id, spec, rootDir, decorators });
      const onConsole = (entry: Messages['console']): void => forwardConsole(console, entry, plan.mapper);
      const name = labelled(fullName(id), label);
      // Several files may have a test of the same name.
      const dumps = { rootDir, name: `${relative(rootDir, id.file)} ${name}` };
      return await runOnce({ name, spec, plan, dumps, onConsole });
    } catch (error) {
      // A fault of the harness has no frame of the author's; the declaration stands for it.
      if (isHarnessError(error)) throw authorError(error.message, declarationFrames(declared, id.file));
      throw error;
    }
  }

  #tell(declared: Declared, { id, spec }: KnownTest, result: RunResult): void {
    const message = passedText(result, spec.topology);
    addToConsole(this.#options.console, { type: 'info', message, origin: declarationFrames(declared, id.file) });
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
