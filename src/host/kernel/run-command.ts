import { spawn } from 'node:child_process';
import { HarnessError } from '../../errors';

export interface CommandOptions {
  /** What the command is run for; opens the error text, e.g. `unpack the kernel package`. */
  purpose: string;
  deadlineMs: number;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: Buffer;
}

export interface CommandOutput {
  stdout: Buffer;
  stderr: Buffer;
}

/** A command that ignores SIGTERM for this long after its deadline is killed. */
const GRACE_MS = 5_000;
/** Enough for the reason a package tool or a compiler gives at its end. */
const TAIL_LINES = 15;

/**
 * Runs a command to its end and collects its output.
 * @throws HarnessError `command-failed` when it cannot be started, exits with another status than 0, or outlives its deadline
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandOutput> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const outcome = await new Promise<string | undefined>((settle) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let reason: string | undefined;
    let lastResort: NodeJS.Timeout | undefined;
    const deadline = setTimeout(() => {
      reason = `it did not end within ${options.deadlineMs} ms`;
      child.kill('SIGTERM');
      lastResort = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    }, options.deadlineMs);
    const endWithUs = () => child.kill('SIGTERM');
    process.once('exit', endWithUs);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command that ends without reading all of its input closes the pipe; its exit status tells more than EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code === 'ENOENT' ? `the command ${command} is not installed` : error.message;
    });
    child.on('close', (status, signal) => {
      clearTimeout(deadline);
      clearTimeout(lastResort);
      process.removeListener('exit', endWithUs);
      settle(reason ?? describeEnd(status, signal));
    });
  });
  const output = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
  if (outcome !== undefined) throw commandFailed([command, ...args], outcome, { ...output, purpose: options.purpose });
  return output;
}

function describeEnd(status: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal !== null) return `it was ended by ${signal}`;
  return status === 0 ? undefined : `it exited with status ${status}`;
}

function commandFailed(command: string[], reason: string, about: CommandOutput & { purpose: string }): HarnessError {
  const said = about.stderr.length > 0 ? about.stderr : about.stdout;
  const output = said.toString().trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  return new HarnessError('command-failed', { purpose: about.purpose, command: command.join(' '), reason, output });
}
