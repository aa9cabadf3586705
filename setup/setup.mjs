// Works in a clean clone: imports nothing but Node until the packages are there and the sources are built.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const INSTALL_DEADLINE_MS = 900_000;

// Without a handler a signal ends the process at once, and what has to be removed at its exit stays.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const done = [];
timed('npm packages', installPackages);
timed('build', () => buildIfNeeded(root));
const { runSetup } = createRequire(import.meta.url)(join(root, 'dist/setup/run-setup.js'));
process.exitCode = await runSetup({ root, done });

function timed(label, work) {
  const start = performance.now();
  const detail = work();
  done.push({ label, detail, elapsedMs: performance.now() - start });
}

function installPackages() {
  if (isInstalled()) return 'as in package-lock.json';
  console.log('npm packages: npm ci');
  const { status, error } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    timeout: INSTALL_DEADLINE_MS,
  });
  if (status !== 0) {
    console.error(`npm packages: npm ci ${error === undefined ? `exited with status ${status}` : error.message}`);
    process.exit(1);
  }
  return 'installed';
}

/** npm leaves the list of what it has installed; each package of the lock file that this platform needs has to be in it. */
function isInstalled() {
  const listed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(listed)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packagesOf(listed);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    ([path, wanted]) =>
      path === '' ||
      (installed[path] === undefined ? wanted.optional === true : installed[path].version === wanted.version),
  );
}
