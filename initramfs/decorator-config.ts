import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { cached } from './cache';

export type DecoratorStyle = 'legacy' | 'standard';

/**
 * The compiler options that give a file one kind of decorators and leave the author's tsconfig.json, the nearest one above the file, in
 * force otherwise (paths, jsx). esbuild reads one tsconfig file or raw options, not both; so there is a file in the cache that extends the
 * author's, one per such file and style.
 */
export async function decoratorOptions(
  file: string,
  style: DecoratorStyle,
): Promise<Pick<BuildOptions, 'tsconfig' | 'tsconfigRaw'>> {
  const compilerOptions = { experimentalDecorators: style === 'legacy' };
  const extended = nearestTsconfig(dirname(file));
  if (extended === null) return { tsconfigRaw: { compilerOptions } };
  const content = JSON.stringify({ extends: extended, compilerOptions });
  const key = `${createHash('sha256').update(content).digest('hex')}.json`;
  return { tsconfig: await cached({ kind: 'tsconfig', key }, (path) => writeFileSync(path, content)) };
}

function nearestTsconfig(directory: string): string | null {
  const candidate = join(directory, 'tsconfig.json');
  if (existsSync(candidate)) return candidate;
  return dirname(directory) === directory ? null : nearestTsconfig(dirname(directory));
}
