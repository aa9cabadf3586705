import { writeFileSync } from 'node:fs';

import Table from 'cli-table3';
import { Command } from 'commander';

import { makeReport, type BenchResult, type Spread } from './bench-report';
import { chooseEntries } from './choose-entries';
import { bootEmulated } from './entries/boot-emulated';
import { bootKvm } from './entries/boot-kvm';
import { monitorBootstrap } from './entries/monitor-bootstrap';
import { monitorDrgn } from './entries/monitor-drgn';
import { monitorDump } from './entries/monitor-dump';
import { monitorNativeVsTs } from './entries/monitor-native-vs-ts';
import { monitorSampling } from './entries/monitor-sampling';
import { schedulerAttach } from './entries/scheduler-attach';
import { soakEmulated } from './entries/soak-emulated';
import { virtualTime } from './entries/virtual-time';

interface Entry {
  run(progress: (text: string) => void): Promise<BenchResult[]>;
  /** Runs only when named by --only, or its group is. */
  onDemand?: boolean;
}

const ENTRIES: Record<string, Entry> = {
  'boot.emulated': { run: bootEmulated },
  'boot.kvm': { run: bootKvm, onDemand: true },
  'monitor.bootstrap': { run: monitorBootstrap, onDemand: true },
  'monitor.drgn': { run: monitorDrgn, onDemand: true },
  'monitor.dump': { run: monitorDump, onDemand: true },
  'monitor.native-vs-ts': { run: monitorNativeVsTs, onDemand: true },
  'monitor.sampling': { run: monitorSampling, onDemand: true },
  'scheduler.attach': { run: schedulerAttach },
  'soak.emulated': { run: soakEmulated, onDemand: true },
  'virtual-time': { run: virtualTime, onDemand: true },
};

async function main(): Promise<void> {
  const names = Object.keys(ENTRIES);
  const program: Command = new Command('bench')
    .description('measures ktstr beside its peers, in one run')
    .option('--only <names...>', `entries to run, or groups of them: ${names.join(', ')}`)
    .option('--json <file>', 'write the figures to a file')
    .parse();
  const { only, json } = program.opts<{ only?: string[]; json?: string }>();
  const chosen = only ? chooseEntries(names, only) : names.filter((name) => ENTRIES[name]?.onDemand !== true);
  if (!Array.isArray(chosen)) program.error(`no benchmark is named ${chosen.unknown}; there is ${names.join(', ')}`);
  const results: BenchResult[] = [];
  for (const name of chosen)
    results.push(...((await ENTRIES[name]?.run((text) => console.error(`${name}: ${text}`))) ?? []));
  console.log(render(results));
  for (const { name, notes } of results) if (notes !== undefined) console.log(`${name}: ${notes}`);
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
