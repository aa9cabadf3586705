import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { remedyFor } from '../../../setup/debian';
import { placedNeeds } from '../../../setup/packages';
import { packageRoot } from '../../package-root';
import { examine } from '../doctor/examine';
import type { Tool } from '../doctor/tools';
import { cacheDir } from '../kernel/store';
import { reportText } from './doctor-text';

const HELP = `
Exit code 0 when the demo can run here, else 1. With --json: {ok, machine, checks: [{name, status, neededFor, found, remedy, facts}],
kernels: [{key, release, source, folder, btf, schedExt, events, modules, absent, problem}]}`;

export function addDoctorCommand(ktstr: Command): void {
  ktstr
    .command('doctor')
    .description('tell what this machine has for ktstr, what it lacks, and what to do about it')
    .option('--json', 'as JSON, one object')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: true }) => doctor(json === true));
}

async function doctor(asJson: boolean): Promise<void> {
  const root = packageRoot();
  const { env } = process;
  const report = await examine({
    ...{ root, env, cacheDir: cacheDir(env), neededNode: neededNode(root), tools: tools(env['PATH'] ?? '') },
    isClone: existsSync(join(root, 'native/Makefile')),
  });
  const { isTTY, columns } = process.stdout;
  const look = { isColoured: isTTY && !env['NO_COLOR'], columns: isTTY ? columns : Infinity };
  process.stdout.write(`${asJson ? JSON.stringify(report, null, 2) : reportText(report, look)}\n`);
  process.exitCode = report.ok ? 0 : 1;
}

function neededNode(root: string): string {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } };
  return engines.node;
}

function tools(path: string): Tool[] {
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return placedNeeds({ path, root: '/' }).flatMap(({ need, place }) => {
    const { what, why, debianPackage } = need;
    const tool = { what, why, debianPackage, place: place ?? null, remedy: remedyFor(need, osRelease) };
    // A benchmark sees to its peer itself.
    return need.when.flatMap((when) => (when === 'bench' ? [] : [{ ...tool, when }]));
  });
}
