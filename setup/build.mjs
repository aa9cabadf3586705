import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE_FOLDERS = ['src', 'environment', 'initramfs', 'setup', 'nested', 'fuzz', 'bench'];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const STEP_DEADLINE_MS = 300_000;

/** Compiles to dist/ and bundles the guest runtime, unless the sources are those of the last build. */
export function buildIfNeeded(root) {
  const stampFile = join(root, 'dist/.built-from');
  const stamp = digestOfSources(root);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return 'up to date';
  console.error('build: tsc, guest runtime');
  rmSync(stampFile, { force: true });
  run(root, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  removeOrphans(root);
  if (existsSync(join(root, 'dist/initramfs/build-runtime.js'))) run(root, ['dist/initramfs/build-runtime.js']);
  writeFileSync(stampFile, stamp);
  return 'built';
}

function run(root, command) {
  const { status, error } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: 'inherit',
    timeout: STEP_DEADLINE_MS,
  });
  if (status === 0) return;
  console.error(`build: ${command[0]} ${error === undefined ? `exited with status ${status}` : error.message}`);
  process.exit(1);
}

/** By content: a checkout changes times of files that it leaves as they were. */
function digestOfSources(root) {
  const hash = createHash('sha256');
  const sources = SOURCE_FOLDERS.flatMap((folder) => filesUnder(root, folder, '.ts'));
  for (const file of [...sources.sort((a, b) => (a < b ? -1 : 1)), ...SETTINGS]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** What a removed or renamed source left behind would still be found by `require` and packed. */
function removeOrphans(root) {
  for (const folder of SOURCE_FOLDERS) {
    for (const file of filesUnder(root, join('dist', folder))) {
      const source = file.replace(/^dist./, '').replace(/(\.d\.ts|\.js|\.js\.map)$/, '.ts');
      if (!existsSync(join(root, source))) rmSync(join(root, file));
    }
  }
}

function filesUnder(root, folder, ending = '') {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildIfNeeded(dirname(dirname(fileURLToPath(import.meta.url))));
}
