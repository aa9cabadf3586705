import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kconfigOf } from './kconfig';
import { askedOptions, checkOptions } from './required-options';
import type { Workshop } from './workshop';

const STEP_DEADLINE_MS = 300_000;

/**
 * Configures: the smallest configuration, the fragments over it in their order, that of this package first, and what follows from them.
 * @returns the text of the final configuration
 * @throws HarnessError `kernel-config-incomplete`, `kernel-build-failed`
 */
export async function configure(workshop: Workshop, tree: string, fragments: readonly string[]): Promise<string> {
  const { out } = workshop;
  const config = join(out, '.config');
  const step = { stage: 'configure', deadlineMs: STEP_DEADLINE_MS };
  await workshop.make(tree, ['tinyconfig'], step);
  // It leaves temporary files where it runs, so it runs where the objects go.
  const merge = ['-m', '-O', out, config, ...fragments];
  await workshop.run(join(tree, 'scripts/kconfig/merge_config.sh'), merge, { ...step, cwd: out });
  await workshop.make(tree, ['olddefconfig'], step);
  const text = await readFile(config, 'utf8');
  const [, ...own] = fragments.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  checkOptions(text, askedOptions(own), kconfigOf(tree));
  return text;
}

/** What `uname -r` will print. */
export async function kernelRelease(workshop: Workshop, tree: string): Promise<string> {
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  await workshop.make(tree, ['-s', 'kernelrelease'], { stage: 'configure', deadlineMs: STEP_DEADLINE_MS, onLine });
  return lines.at(-1)?.trim() ?? '';
}
