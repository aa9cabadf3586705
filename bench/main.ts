import { writeFileSync } from 'node:fs';

import Table from 'cli-table3';
import { Command } from 'commander';

import { makeReport, type BenchResult, type Spread } from './bench-report';
import { bootEmulated } from './entries/boot-emulated';
import { bootKvm } from './entries/boot-kvm';
import { schedulerAttach } from './entries/scheduler-attach';
import { soakEmulated } from './entries/soak-emulated';
import { virtualTime } from './entries/virtual-time';

interface Entry {
  run(progress: (text: string) => void): Promise<BenchResult[]>;
  /** Runs only when named by --only. */
  onDemand?: boolean;
}

const ENTRIES: Record<string, Entry> = {
  'boot.emulated': { run: bootEmulated },
  'boot.kvm': { run: bootKvm, onDemand: true },
  'scheduler.attach': { run: schedulerAttach },
  'soak.emulated': { run: soakEmulated, onDemand: true },
  'virtual-time': { run: virtualTime, onDemand: true },
};

async function main(): Promise<void> {
  const program = new Command('bench')
    .description('measures ktstr beside its peers, in one run')
    .option('--only <names...>', `entries to run: ${Object.keys(ENTRIES).join(', ')}`)
    .option('--json <file>', 'write the figures to a file')
    .parse();
  const { only, json } = program.opts<{ only?: string[]; json?: string }>();
  const unknown = only?.find((name) => !(name in ENTRIES));
  if (unknown !== undefined)
    program.error(`no benchmark is named ${unknown}; there is ${Object.keys(ENTRIES).join(', ')}`);
  const results: BenchResult[] = [];
  for (const [name, entry] of Object.entries(ENTRIES)) {
    if (only ? !only.includes(name) : entry.onDemand) continue;
    results.push(...(await entry.run((text) => console.error(`${name}: ${text}`))));
  }
  console.log(render(results));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(makeReport(results), null, 2)}\n`);
}

function render(results: readonly BenchResult[]): string {
  const table = new Table({ head: ['figure', 'unit', 'ours', 'peer', 'ratio'], style: { head: [], border: [] } });
  for (const { name, unit, ours, peer, ratio } of results) {
    const ratioText = ratio ? `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)})` : '';
    table.push([name, unit, figure(ours), peer ? `${figure(peer)} ${peer.name}` : '', ratioText]);
  }
  return table.toString();
}

function figure({ median, min, max, n }: Spread): string {
  return `${median.toFixed(1)} (${min.toFixed(1)}..${max.toFixed(1)}, n=${n})`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
