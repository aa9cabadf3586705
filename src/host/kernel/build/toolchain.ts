import { isHarnessError } from '../../../errors';
import { runCommand } from '../run-command';

export interface Toolchain {
  /** First line of `gcc --version`. */
  compiler: string;
  /** Null when there is none that can compile schedulers. */
  clang: { command: string; version: string } | null;
}

const QUERY_DEADLINE_MS = 20_000;
/** The first whose BPF back end the scheduler sources of the kernel tree compile with. */
const OLDEST_CLANG = 17;
/** One more than the newest that is known; versioned names are tried from the newest down. */
const NEWEST_CLANG = 24;

/** @throws HarnessError `command-failed` without a C compiler */
export async function findToolchain(): Promise<Toolchain> {
  return { compiler: await versionOf('gcc'), clang: await newestClang() };
}

async function newestClang(): Promise<Toolchain['clang']> {
  const versioned = Array.from(
    { length: NEWEST_CLANG - OLDEST_CLANG + 1 },
    (_, index) => `clang-${NEWEST_CLANG - index}`,
  );
  for (const command of [...versioned, 'clang']) {
    const version = await versionOf(command).catch((error: unknown) => {
      if (isHarnessError(error, 'command-failed')) return undefined;
      throw error;
    });
    if (version !== undefined && clangMajor(version) >= OLDEST_CLANG) return { command, version };
  }
  return null;
}

function clangMajor(version: string): number {
  return Number(/version (\d+)/.exec(version)?.[1] ?? 0);
}

async function versionOf(command: string): Promise<string> {
  const { stdout } = await runCommand(command, ['--version'], {
    purpose: 'ask the compiler for its version',
    deadlineMs: QUERY_DEADLINE_MS,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return stdout.toString().split('\n')[0] ?? '';
}
