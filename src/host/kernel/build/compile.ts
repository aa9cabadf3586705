import { availableParallelism } from 'node:os';
import type { OnFetchProgress } from '../kernel-source';
import type { Workshop } from './workshop';

/** On one slow core 6.12 takes an hour; more means that it hangs. */
const COMPILE_DEADLINE_MS = 4 * 3_600_000;

/** What kbuild prints for a file that it makes: `  CC      kernel/fork.o`. */
const MADE = /^ {2}[A-Z][A-Z0-9_+-]* +(?:\[M\] +)?(\S+)/;

/** Makes the image; gives back how many files were made, which is the estimate of the next build. */
export async function compile(
  workshop: Workshop,
  tree: string,
  { estimate, onProgress }: { estimate: number; onProgress: OnFetchProgress },
): Promise<number> {
  let made = 0;
  let doing = 'compile the kernel';
  const onLine = (line: string) => {
    const file = MADE.exec(line)?.[1];
    if (file === undefined) return;
    made++;
    if (file === 'vmlinux.o') doing = 'link the kernel';
    if (file.startsWith('arch/x86/boot/compressed/vmlinux.bin')) doing = 'compress the kernel';
    const count = made > estimate ? `${made} files` : `${made} of about ${estimate} files`;
    // It is done when make says so, not when the estimate is reached.
    onProgress({ doing, fraction: Math.min(0.99, made / estimate), count });
  };
  const step = { stage: 'compile', deadlineMs: COMPILE_DEADLINE_MS, onLine };
  await workshop.make(tree, [`-j${availableParallelism()}`, 'bzImage'], step);
  return made;
}
