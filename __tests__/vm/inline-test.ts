import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { failureError } from '../../environment/failure-error';
import { writeInitrd } from '../../environment/initrd';
import { planRun, type Plan } from '../../environment/plan';
import { runOnce, type FinishedRun } from '../../environment/run-test';
import type { MachineConfig } from '../../src/host/machine/machine';
import { packageRoot } from '../../src/package-root';
import { startMachine as startOf } from '../../src/host/machine/start-machine';
import type { Messages } from '../../src/protocol/messages';
import type { TestOptions } from '../../src/spec/declare/options';
import { resolveOptions } from '../../src/spec/declare/resolve';
import type { TestSpec } from '../../src/spec/declare/test-spec';

/** For tests that boot machines: longer than anything here takes on a busy host. */
export const MACHINE_TIMEOUT_MS = 120_000;

const NAME = 'inline';

/** The body stands on line 4 and after, where `fs`, `childProcess` and everything of `ktstr` are at hand. */
const PROLOGUE = [
  `import * as childProcess from 'node:child_process'; import * as fs from 'node:fs';`,
  `import { CgroupDef, Cpuset, executeDefs, fail, Hold, inconclusive, ktstrTest, pass, skip } from 'ktstr';`,
];

/** A test file that is text in a test of ours, with everything settled that is settled before a machine starts. */
export interface InlineTest {
  plan: Plan;
  spec: TestSpec;
}

/** Plans a test file with one declared test, as the Jest environment does. `top` is code of the file outside of the body. */
export async function planBody(body: string, options: TestOptions = {}, top = ''): Promise<InlineTest> {
  return planSpec(body, specOf(options), top);
}

/** Options with their defaults. */
export function specOf(options: TestOptions): TestSpec {
  const resolved = resolveOptions({ machine: 'emulated', ...options });
  if ('issues' in resolved) throw new TypeError(JSON.stringify(resolved.issues));
  return resolved.spec;
}

/** As planBody(), where options do not say all that is wanted. */
export async function planSpec(body: string, spec: TestSpec, top = ''): Promise<InlineTest> {
  const source = [...PROLOGUE, `${top} ktstrTest('${NAME}', {}, async (ctx) => {`, body, '});'].join('\n');
  const rootDir = realpathSync(mkdtempSync(join(tmpdir(), 'ktstr-vm-')));
  try {
    const file = join(rootDir, 'inline.test.ts');
    writeFileSync(file, source);
    const id = { file, ancestors: [], title: NAME, occurrence: 0 };
    return { spec, plan: await planRun({ id, spec, rootDir, decorators: 'legacy' }) };
  } finally {
    rmSync(rootDir, { recursive: true });
  }
}

/** The line of the inline test file on which the line of the body with this text stands. */
export function lineOf(body: string, text: string): number {
  const line = body.split('\n').findIndex((candidate) => candidate.includes(text));
  if (line === -1) throw new Error(`the body has no line with "${text}"`);
  return PROLOGUE.length + 2 + line;
}

/** A machine that boots the test. The caller disposes of it. */
export async function startMachine(
  { plan, spec }: InlineTest,
  more: Pick<MachineConfig, 'probe' | 'apicLlcBits'> = {},
): ReturnType<typeof startOf> {
  using initrd = await writeInitrd(plan.base, plan.suffix);
  // Awaited here: the machine opens the image by a path that is gone once the image is disposed of.
  return await startOf(plan.machine, {
    kernelImage: plan.kernelImage,
    initrd: initrd.pathForChildren,
    cmdline: plan.cmdline,
    topology: spec.topology,
    memoryMib: spec.memoryMib,
    ...more,
  });
}

/** What a run came to, and what an author is told of it. */
export interface InlineRun extends FinishedRun {
  spec: TestSpec;
  /** The whole error text with its stack; empty when the test did not fail. */
  text: string;
  /** What the body printed with `console`. */
  printed: Messages['console'][];
}

export async function runPlanned({ plan, spec }: InlineTest): Promise<InlineRun> {
  const printed: Messages['console'][] = [];
  const finished = await runOnce({
    name: NAME,
    spec,
    plan,
    dumps: { rootDir: packageRoot(), name: NAME },
    onConsole: (entry) => printed.push(entry),
  });
  return { ...finished, spec, printed, text: failureError(spec, finished, '    at declaration')?.stack ?? '' };
}

/** Runs a body in a machine to its end. */
export async function runBody(body: string, options: TestOptions = {}, top = ''): Promise<InlineRun> {
  return runPlanned(await planBody(body, options, top));
}
