import { HarnessError } from '../../../errors';
import { nearestNames } from '../btf/nearest-names';

interface Search<T> {
  /** What is looked for, in the words of a message. */
  what: string;
  /** A name or an id. */
  wanted: string | number;
  nameOf(item: T): string;
  idOf?(item: T): number;
  /** How one of several of that name is told from the others. */
  tell(item: T): string;
  /** What to do about several. */
  remedy: string;
}

/** @throws HarnessError `bpf-unknown` with what there is when it is none, or several */
export function onlyOne<T>(items: readonly T[], { what, wanted, nameOf, idOf, tell, remedy }: Search<T>): T {
  const fitting = items.filter((item) => nameOf(item) === wanted || idOf?.(item) === wanted);
  const [found] = fitting;
  if (found !== undefined && fitting.length === 1) return found;
  const name = String(wanted);
  const isNone = fitting.length === 0;
  throw new HarnessError('bpf-unknown', {
    what,
    wanted: name,
    problem: isNone ? 'there is none' : `there are ${fitting.length}; ${remedy}`,
    available: isNone ? nearestNames(name, items.map(nameOf)) : fitting.map(tell),
  });
}
