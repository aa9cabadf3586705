#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { runSetup } from '../../../setup/run-setup';
import { isHarnessError } from '../../errors';
import { packageRoot } from '../../package-root';
import { addDoctorCommand } from './doctor-command';
import { addKernelCommands } from './kernel-command';

/** Part of the contract: scripts branch on them. */
const EXIT = { done: 0, failed: 1, wrongUsage: 2, fault: 70 } as const;

const EXIT_HELP = `
Exit codes: ${EXIT.done} done, ${EXIT.failed} failed as the message says, ${EXIT.wrongUsage} wrong usage, ${EXIT.fault} a fault of ktstr itself`;

function program(): Command {
  const ktstr = new Command('ktstr')
    .description('Tests for Linux process schedulers')
    .version(packageVersion())
    .addHelpText('after', EXIT_HELP)
    .exitOverride();
  ktstr
    .command('setup')
    .description('get what npm cannot bring: system packages and a kernel; in a clone also the native programs')
    .action(async () => {
      process.exitCode = await runSetup({ root: packageRoot() });
    });
  addDoctorCommand(ktstr);
  addKernelCommands(ktstr);
  return ktstr;
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

async function main(): Promise<void> {
  // Without a handler a signal ends the process at once, and what has to be removed at its exit stays.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  try {
    await program().parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  // Commander has printed its message, or the help or version that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
  if (isHarnessError(error)) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.failed;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.fault;
}

void main();
