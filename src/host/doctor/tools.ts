import { check, missing, ok, type Check, type Judgement, type Purpose } from './check';

/** A program or file that a package of the system brings. */
export interface Tool {
  what: string;
  /** Follows the name: `make` `runs the build of the kernel`. */
  why: string;
  debianPackage: string;
  /** How to get it on this system. */
  remedy: string;
  when: 'run' | 'build' | 'kernel' | 'schedulers';
  /** Null when it is not there. */
  place: string | null;
}

/** Of tools that are wanted for several things, the first of these counts. */
const ORDER = ['run', 'kernel', 'schedulers', 'build'] as const;
const PURPOSE: Record<Tool['when'], Purpose> = {
  run: 'kernel-fetch',
  kernel: 'kernel-build',
  schedulers: 'kernel-build',
  build: 'clone',
};

/** One check for each tool, but for those of QEMU, which have checks of their own. */
export function checkTools(tools: readonly Tool[], options: { isClone: boolean }): Check[] {
  const seen = new Set<string>();
  return ORDER.flatMap((when) => tools.filter((tool) => tool.when === when))
    .filter(({ when, what }) => !isOfQemu(what) && (when !== 'build' || options.isClone))
    .filter(({ what }) => !seen.has(what) && seen.add(what))
    .map((tool) => check(tool.what, PURPOSE[tool.when], judgeTool(tool)));
}

export function isOfQemu(what: string): boolean {
  return what.startsWith('qemu-') || what.endsWith('.bin');
}

export function judgeTool({ why, debianPackage, remedy, place }: Tool): Judgement {
  const facts = { path: place, debianPackage };
  if (place !== null) return ok(place, facts);
  return missing(`not there; it ${why}`, remedy, facts);
}
