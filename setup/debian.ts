import { isHarnessError } from '../src/errors';
import { runCommand } from '../src/host/kernel/run-command';
import type { Doing } from './step-lines';

const INSTALL_DEADLINE_MS = 900_000;
const UPDATE_DEADLINE_MS = 180_000;
const SUDO_DEADLINE_MS = 5_000;

/** Another package tool may be at work, as unattended upgrades are after a start. */
const WAIT_FOR_LOCK = ['-o', 'DPkg::Lock::Timeout=300'];
const QUIET = ['DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C'];

/** Tells Debian and its descendants by the text of /etc/os-release. */
export function isDebianFamily(osRelease: string): boolean {
  const field = (key: string) => new RegExp(`^${key}=["']?([^"'\n]*)`, 'm').exec(osRelease)?.[1] ?? '';
  return [field('ID'), ...field('ID_LIKE').split(' ')].includes('debian');
}

/** The command that a user has to run; installs exactly these. */
export function installCommand(packages: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** How to get the one thing that is looked for, whose Debian package is known. */
export function remedyFor(need: { what: string; debianPackage: string }, osRelease: string): string {
  if (isDebianFamily(osRelease)) return `sudo apt-get install ${need.debianPackage}`;
  return `install the package that brings ${need.what} (in Debian: ${need.debianPackage})`;
}

/** The words before a command that has to run as root: none for root; undefined when it would need a password. */
export async function rootPrefix(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  try {
    await runCommand('sudo', ['-n', 'true'], { purpose: 'ask for sudo', deadlineMs: SUDO_DEADLINE_MS });
    return ['sudo', '-n'];
  } catch {
    return undefined;
  }
}

/**
 * Installs exactly these packages. Package lists that are missing or out of date show as a failure, so they are read anew and the
 * installation is tried once more.
 */
export async function installPackages(packages: readonly string[], prefix: string[], doing: Doing): Promise<void> {
  const apt = async (args: string[], deadlineMs: number) => {
    doing(`apt-get ${args.filter((arg) => !arg.startsWith('-')).join(' ')}`);
    const [command = 'env', ...rest] = [...prefix, 'env', ...QUIET, 'apt-get', '-q', ...WAIT_FOR_LOCK, ...args];
    await runCommand(command, rest, { purpose: 'install system packages', deadlineMs });
  };
  const install = () => apt(['install', '-y', '--no-install-recommends', ...packages], INSTALL_DEADLINE_MS);
  await install().catch(async (error: unknown) => {
    if (!isHarnessError(error, 'command-failed')) throw error;
    await apt(['update'], UPDATE_DEADLINE_MS);
    await install();
  });
}
