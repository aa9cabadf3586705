import type { Counts } from './journal';
import { EXIT_LOST, type KvmEnd } from './run-with-kvm';

/** Chosen: more machines that are lost in a row, without a test file that came to its end, have a cause that stays. */
const MAX_LOST_IN_ROW = 3;

/** One machine: how it ended, and the test files that it ran, by name. */
export interface Attempt {
  end: KvmEnd;
  files: ReadonlyMap<string, Counts>;
}

export interface TierResult {
  code: number;
  counts: Counts;
}

/**
 * Runs tests in one machine after the other, until one comes to its end: each is told which files not to run again, those that have passed as
 * well as those in which a test has failed.
 */
export async function runThroughLosses(
  boot: (done: readonly string[]) => Promise<Attempt>,
  note: (text: string) => void,
): Promise<TierResult> {
  const done = new Map<string, Counts>();
  for (let lostInRow = 0; ;) {
    const { end, files } = await boot([...done.keys()]);
    for (const [file, counts] of files) done.set(file, counts);
    if (end.kind === 'exit') return judge(end.code, done);
    lostInRow = files.size > 0 ? 0 : lostInRow + 1;
    if (lostInRow === MAX_LOST_IN_ROW) {
      note(
        `${lostInRow} machines in a row were lost without a result; of the last one: ${end.reason}\n${end.lastSeen}`,
      );
      return judge(EXIT_LOST, done);
    }
    note(`the machine was lost after ${files.size} of its test files, the rest runs in another one: ${end.reason}`);
  }
}

/** An end that is bad without a failed test counts as one. */
function judge(code: number, done: ReadonlyMap<string, Counts>): TierResult {
  const sum = (kind: keyof Counts): number => [...done.values()].reduce((total, counts) => total + counts[kind], 0);
  const failed = sum('failed');
  return {
    code: code === 0 && failed > 0 ? 1 : code,
    counts: { passed: sum('passed'), failed: code !== 0 ? Math.max(failed, 1) : failed, skipped: sum('skipped') },
  };
}
