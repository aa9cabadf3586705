import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { nativeProgram } from '../src/package-root';

const SIGNAL_EXIT = 128;
const EXIT_TIMED_OUT = 124;

interface HostPlace {
  folder: string;
  env: NodeJS.ProcessEnv;
  deadlineMs: number;
}

/** Runs a command on this terminal; it dies with this process. Gives back its exit code, as a shell would. */
export function runOnHost(argv: readonly string[], at: HostPlace): Promise<number> {
  const tether = nativeProgram('host/tether');
  const child = spawn(tether, [String(process.pid), ...argv], { cwd: at.folder, env: at.env, stdio: 'inherit' });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, at.deadlineMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (isLate) resolve(EXIT_TIMED_OUT);
      else resolve(code ?? SIGNAL_EXIT + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
