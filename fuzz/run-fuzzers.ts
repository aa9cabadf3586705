import { runFuzzer, type FuzzResult } from './run-fuzzer';

export interface FuzzPlan {
  /** The program of each target. */
  programs: ReadonlyMap<string, string>;
  folderOf(target: string): string;
  /** For each. */
  seconds: number;
  /** How many run at once. */
  jobs: number;
  onResult?(target: string, result: FuzzResult): void;
}

/** Runs fuzzers, each in its turn. A finding of one does not end the others. */
export async function runFuzzers(plan: FuzzPlan): Promise<Map<string, FuzzResult>> {
  const waiting = [...plan.programs];
  const results = new Map<string, FuzzResult>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [target, program] = next;
      const result = await runFuzzer({ program, folder: plan.folderOf(target), seconds: plan.seconds });
      results.set(target, result);
      plan.onResult?.(target, result);
    }
  };
  await Promise.all(Array.from({ length: plan.jobs }, work));
  return results;
}
