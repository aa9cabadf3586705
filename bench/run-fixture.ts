import { join } from 'node:path';

import { planRun, type Plan } from '../environment/plan';
import { runOnce } from '../environment/run-test';
import { packageRoot } from '../src/package-root';
import { resolveOptions } from '../src/spec/declare/resolve';
import type { TestOptions } from '../src/spec/declare/options';
import type { TestSpec } from '../src/spec/declare/test-spec';
import type { RunResult } from '../src/verdict/run-result';

export interface FixtureRun {
  result: RunResult;
  plan: Plan;
  /** What the fixture printed with `console`. */
  printed: string[];
}

/** A declared function in bench/fixtures. */
export interface Fixture {
  file: string;
  title: string;
}

export const EMPTY_BODY: Fixture = { file: 'empty-body.ts', title: 'empty body' };
export const ENABLE_LINE: Fixture = { file: 'enable-line.ts', title: 'enable line' };
export const EIGHT_WORKERS: Fixture = { file: 'eight-workers.ts', title: 'eight workers' };
export const WAITS: Fixture = { file: 'waits.ts', title: 'waits' };
export const BUSY: Fixture = { file: 'busy.ts', title: 'busy' };
export const SPIN_PHASES: Fixture = { file: 'spin-phases.ts', title: 'spin phases' };

export function specOf(options: TestOptions): TestSpec {
  const resolved = resolveOptions(options);
  if ('issues' in resolved) throw new TypeError(JSON.stringify(resolved.issues));
  return resolved.spec;
}

/** Settles what is settled before a machine starts. */
export function planFixture({ file, title }: Fixture, spec: TestSpec): Promise<Plan> {
  const id = { file: join(packageRoot(), 'bench/fixtures', file), ancestors: [], title, occurrence: 0 };
  return planRun({ id, spec, rootDir: packageRoot(), decorators: 'legacy' });
}

/** Runs a fixture as the Jest environment does, without Jest. @throws {Error} when it does not pass */
export async function runFixture(fixture: Fixture, spec: TestSpec): Promise<FixtureRun> {
  const plan = await planFixture(fixture, spec);
  const { title } = fixture;
  const printed: string[] = [];
  const onConsole = ({ message }: { message: string }): number => printed.push(message);
  const { result } = await runOnce({
    name: title,
    spec,
    plan,
    dumps: { rootDir: packageRoot(), name: title },
    onConsole,
  });
  if (result.outcome !== 'pass')
    throw new Error(`"${title}" came out as ${result.outcome}: ${result.failure}\n${result.console}`);
  return { result, plan, printed };
}
