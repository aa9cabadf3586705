import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { HarnessError } from './errors';

/** Folder of the installed package (or of the clone): the nearest one above this file whose package.json names ktstr. */
export function packageRoot(): string {
  root ??= findRoot(__dirname);
  return root;
}

/** Path of a program that `make -C native` builds. */
export function nativeProgram(name: string): string {
  const path = join(packageRoot(), 'native/build', name);
  if (!existsSync(path)) throw new HarnessError('native-missing', { path });
  return path;
}

let root: string | undefined;

function findRoot(from: string): string {
  const manifest = join(from, 'package.json');
  if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'ktstr')
    return from;
  return findRoot(dirname(from));
}
