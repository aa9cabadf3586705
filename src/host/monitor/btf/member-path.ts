import { HarnessError } from '../../../errors';

/** A member's name or an array's index. */
export type PathStep = string | number;

const STEP = /(?:^|\.)([^.[\]]+)|\[(\d+)\]/y;

/**
 * The steps of a path like `a.b[2].c`.
 * @throws HarnessError `btf-unknown` for anything else
 */
export function pathSteps(path: string): PathStep[] {
  const steps: PathStep[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length || steps.length === 0) {
    const [, name, index] = STEP.exec(path) ?? [];
    if (name === undefined && index === undefined) {
      throw new HarnessError('btf-unknown', { what: 'path', wanted: path, available: ['a.b', 'a.b[2].c', '[2].c'] });
    }
    steps.push(name ?? Number(index));
  }
  return steps;
}
