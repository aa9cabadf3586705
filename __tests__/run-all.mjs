// Runs all tiers: with one Jest those that need no KVM, then, alone, the tier kvm, which where this host's KVM does not run Linux has
// emulated machines that take a core each. Ends with one plain line of counts of both.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const jest = join(root, 'node_modules/jest/bin/jest.js');
const SIGNAL_EXIT = 128;

const args = process.argv.slice(2);
const isSelection = args.some((arg) => arg.startsWith('--selectProjects'));
// A pattern may fit to tests of one part only. The list of tiers comes last: Jest takes all that follows for one.
const anywhere = isSelection ? args : [...args, '--passWithNoTests'];
const tiers = {
  argv: [jest, ...anywhere, ...(isSelection ? [] : ['--selectProjects', 'unit', 'native', 'vm', 'e2e'])],
  counts: join(root, '.ktstr/counts/tiers.json'),
};
const kvm = {
  argv: [join(root, 'dist/nested/main.js'), ...anywhere],
  counts: join(root, '.ktstr/counts/kvm.json'),
};

let signalled;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (signalled ??= signal));

const total = { passed: 0, failed: 0, skipped: 0 };
for (const part of isSelection ? [tiers] : [tiers, kvm]) {
  if (signalled) break;
  const { code, counts } = await run(part);
  for (const kind of Object.keys(total)) total[kind] += counts[kind];
  if (code !== 0) process.exitCode = code;
}
if (total.passed + total.failed === 0) process.exitCode ||= 1;
if (signalled) process.exitCode = SIGNAL_EXIT + constants.signals[signalled];
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

/** A part that ends badly without a failed test counts as one. */
async function run({ argv, counts: file }) {
  rmSync(file, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  const env = { ...process.env, PLAIN_LINE_FILE: file };
  const child = spawn(process.execPath, argv, { cwd: root, stdio: 'inherit', env });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? SIGNAL_EXIT + constants.signals[signal]));
  });
  const counts = read(file);
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return { code, counts };
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
