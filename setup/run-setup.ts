import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isHarnessError } from '../src/errors';
import { runCommand } from '../src/host/kernel/run-command';
import { cacheDir, storedKernels } from '../src/host/kernel/store';
import { ensureCloudKernel, ensureKernel, ensureOuterKernel, ensureSchedExtKernel } from './kernel';
import { StepLines, type Doing, type DoneStep } from './step-lines';
import { ensureSystemPackages } from './system-packages';

export interface SetupOptions {
  /** Folder of the clone or of the installed package. */
  root: string;
  /** Steps that were done before this code could run. */
  done?: readonly DoneStep[];
  out?: NodeJS.WriteStream;
}

const BUILD_DEADLINE_MS = 300_000;

/**
 * Sets this machine up, as far as it is not: system packages, native programs, a kernel; in a clone the examples, too.
 * @returns the exit code: 0, or 1 when a step failed, whose message is on stderr
 */
export async function runSetup({ root, done = [], out = process.stdout }: SetupOptions): Promise<number> {
  const lines = new StepLines(out);
  const start = performance.now() - done.reduce((sum, step) => sum + step.elapsedMs, 0);
  const isClone = existsSync(join(root, 'native/Makefile'));
  for (const step of done) lines.done(step);
  try {
    await lines.run('system packages', (doing) =>
      ensureSystemPackages(isClone ? ['run', 'build', 'kernel', 'schedulers'] : ['run'], doing),
    );
    if (isClone) await lines.run('native programs', (doing) => buildNative(root, doing));
    // One that the user names is used as it is.
    if (isClone && !process.env['KTSTR_KERNEL']) {
      await lines.run('kernel', ensureSchedExtKernel);
      await lines.run('cloud kernel', ensureCloudKernel);
      await lines.run('amd64 kernel', ensureOuterKernel);
      await lines.run('scx_ktstr', (doing) => buildFixture(root, doing));
    } else await lines.run('kernel', ensureKernel);
    if (isClone) await lines.run('examples', () => linkExamples(root));
  } catch (error) {
    if (!isHarnessError(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  out.write(`set up in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return 0;
}

async function buildNative(root: string, doing: Doing): Promise<string> {
  doing('make -C native');
  const { stdout } = await runCommand('make', ['-s', '-C', join(root, 'native'), `-j${availableParallelism()}`], {
    purpose: 'build the native programs',
    deadlineMs: BUILD_DEADLINE_MS,
  });
  return stdout.length === 0 ? 'up to date' : 'built';
}

/** The scheduler that fails as asked, against the BPF kit that was built with a kernel. */
async function buildFixture(root: string, doing: Doing): Promise<string> {
  const kernel = storedKernels(cacheDir(process.env)).find(({ folder }) => existsSync(join(folder, 'bpf-dev/lib')));
  if (kernel === undefined) return 'left out: no stored kernel has a BPF kit (it takes clang to build one)';
  doing('make -C native bpf');
  const target = ['-s', '-C', join(root, 'native'), 'bpf', `BPF_DEV=${join(kernel.folder, 'bpf-dev')}`];
  const { stdout } = await runCommand('make', target, {
    purpose: 'build the fixture scheduler',
    deadlineMs: BUILD_DEADLINE_MS,
  });
  return stdout.length === 0 ? 'up to date' : 'built';
}

/** The examples import `ktstr` by name, as a user's project does. */
function linkExamples(root: string): string {
  const link = join(root, 'examples/node_modules/ktstr');
  const target = '../..';
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === target) return 'linked';
  mkdirSync(join(root, 'examples/node_modules'), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(target, link);
  return 'linked to this clone';
}
