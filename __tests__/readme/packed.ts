import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import manifest from '../../package.json';
import type { Project } from '../e2e/run-jest';
import { ROOT } from './snippets';

export interface PackedFile {
  path: string;
  size: number;
  mode: number;
}

/** The package as `npm pack` makes it from what is built. Disposing of it removes it. */
export interface Packed extends Disposable {
  tarball: string;
  files: PackedFile[];
  sizeBytes: number;
}

export function pack(): Packed {
  const dir = mkdtempSync(join(tmpdir(), 'ktstr-packed-'));
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', dir];
  const output = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [{ filename, files, size }] = JSON.parse(output) as [{ filename: string; files: PackedFile[]; size: number }];
  return {
    tarball: join(dir, filename),
    files,
    sizeBytes: size,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Puts the package in the place of the link to this clone, beside what its manifest says that it depends on and nothing more of its own. */
export function install(packed: Packed, project: Project): void {
  const modules = join(project.dir, 'node_modules');
  rmSync(join(modules, 'ktstr'));
  mkdirSync(join(modules, 'ktstr'));
  execFileSync('tar', ['-xzf', packed.tarball, '-C', join(modules, 'ktstr'), '--strip-components=1']);
  for (const name of Object.keys(manifest.dependencies)) {
    const path = join(modules, name);
    if (existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), path);
  }
}
