import { transformSync as compileWithSwc } from '@swc/core';
import { transformSync as compileWithEsbuild } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Compiler {
  compiler: string;
  /** TypeScript to CommonJS. */
  compile(source: string): string;
}

const swc =
  (transform: object) =>
  (source: string): string =>
    compileWithSwc(source, {
      jsc: { parser: { syntax: 'typescript', decorators: true }, transform, target: 'es2022' },
      module: { type: 'commonjs' },
    }).code;

const esbuild =
  (experimentalDecorators: boolean) =>
  (source: string): string =>
    compileWithEsbuild(source, {
      ...{ loader: 'ts', format: 'cjs', target: 'node20', keepNames: true },
      tsconfigRaw: { compilerOptions: { experimentalDecorators } },
    }).code;

/** How each compiler calls decorators, with `experimentalDecorators`. */
export const LEGACY: readonly Compiler[] = [
  { compiler: 'swc', compile: swc({ legacyDecorator: true }) },
  { compiler: 'esbuild', compile: esbuild(true) },
];

/** How each compiler calls decorators of the 2023-11 proposal; 2022-03 is what swc's users mostly have. */
export const STANDARD: readonly Compiler[] = [
  { compiler: 'swc 2022-03', compile: swc({ decoratorVersion: '2022-03' }) },
  { compiler: 'swc 2023-11', compile: swc({ decoratorVersion: '2023-11' }) },
  { compiler: 'esbuild', compile: esbuild(false) },
];

const TSC = resolve(__dirname, '../../../../node_modules/typescript/bin/tsc');

/** Standard decorators as TypeScript compiles them: by its command, for it has no function for that. */
export function compileWithTypeScript(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ktstr-tsc-'));
  try {
    writeFileSync(join(folder, 'a.ts'), source);
    // It complains that it does not find ktstr, and compiles all the same.
    spawnSync(process.execPath, [TSC, '--ignoreConfig', '--target', 'es2022', '--module', 'commonjs', 'a.ts'], {
      cwd: folder,
    });
    return readFileSync(join(folder, 'a.js'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
