import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';

import { packageRoot } from '../src/package-root';
import { buildFuzzers, fuzzTargets } from './build-fuzzers';
import type { FuzzResult } from './run-fuzzer';
import { runFuzzers } from './run-fuzzers';

async function main(): Promise<void> {
  const all = fuzzTargets();
  const program = new Command('fuzz')
    .description('feeds hostile bytes to the devices of the KVM machine and to what reads kernel images')
    .argument('[targets...]', `what to fuzz: ${all.join(', ')}`, all)
    .option('--seconds <count>', 'time of each', wholeNumber, 30)
    .option('--jobs <count>', 'how many run at once', wholeNumber, availableParallelism())
    .parse();
  const targets: string[] = program.processedArgs[0];
  const { seconds, jobs } = program.opts<{ seconds: number; jobs: number }>();
  const unknown = targets.find((name) => !all.includes(name));
  if (unknown !== undefined) program.error(`no fuzzer is named ${unknown}; there is ${all.join(', ')}`);
  const results = await runFuzzers({
    programs: await buildFuzzers({ targets }),
    folderOf: (target) => join(packageRoot(), '.ktstr/fuzz', target),
    ...{ seconds, jobs },
    onResult: (target, { finding }) => console.error(`${target}: ${finding === null ? 'no finding' : finding.summary}`),
  });
  console.log(render(results));
  for (const [target, { finding }] of results) {
    if (finding === null) continue;
    console.log(`\n${target}: ${finding.summary}\ninput: ${finding.reproducer ?? 'none'}\n${finding.report}`);
    process.exitCode = 1;
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 to 999999 is needed');
  return Number(text);
}

function render(results: ReadonlyMap<string, FuzzResult>): string {
  const head = ['target', 'seconds', 'executions', 'per second', 'edges', 'corpus', 'peak MiB', 'seed', 'finding'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const [target, result] of results) {
    const seconds = result.elapsedMs / 1000;
    const { executions, edges, corpus, peakMemoryMib, seed, finding } = result;
    const rate = Math.round(executions / seconds);
    const covered = `${edges.reached} of ${edges.all}`;
    table.push([target, seconds.toFixed(0), executions, rate, covered, corpus, peakMemoryMib, seed, finding ? 'yes' : 'none']); // prettier-ignore
  }
  return table.toString();
}

// A fuzzer is tethered to this process, so its end is theirs.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
