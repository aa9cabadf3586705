import { realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { type BuildFailure, type BuildOptions, type Message, build } from 'esbuild';
import { HarnessError } from '../src/errors';
import { type DecoratorStyle, decoratorOptions } from './decorator-config';
import { importChain } from './import-chain';

/** Modules that the guest's runtime provides. */
const PROVIDED = ['ktstr', 'ktstr/*', '@jest/globals'];
const UNRESOLVED = /^Could not resolve "(.+)"/;
const NATIVE_ADDON = /^No loader is configured for "\.node" files: (.+)/;

export interface TestBundleRequest {
  /** Absolute path of the test file. */
  entry: string;
  /** Paths in the bundle are relative to this folder, so that its place does not show. */
  rootDir: string;
  /** Module names, besides those that the guest always provides, that are left as `require` calls. `*` stands for anything. */
  external: readonly string[];
  decorators: DecoratorStyle;
}

export interface TestBundle {
  /** CommonJS. The same sources give the same code from any folder. Functions and classes keep their names. */
  code: string;
  /** A source map whose sources are absolute paths. */
  map: string;
  /** Absolute paths, without links, of all files that went in, sorted. */
  inputs: string[];
}

/**
 * The test file with all that it imports.
 * @throws HarnessError `bundle-unresolved`, `bundle-native-addon`, `bundle-syntax`, or `bundle-failed` for what else esbuild reports
 */
export async function bundleTest({ entry, rootDir, external, decorators }: TestBundleRequest): Promise<TestBundle> {
  const root = realpathSync(rootDir);
  const options = {
    ...(await decoratorOptions(entry, decorators)),
    absWorkingDir: root,
    entryPoints: [entry],
    // Nothing is written: the path only says what the map's sources are relative to.
    outfile: resolve(root, 'bundle.js'),
    write: false,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: [...PROVIDED, ...external],
    keepNames: true,
    // Not the syntax as well: what V8 says about a mistake should quote what the author wrote.
    minifyWhitespace: true,
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
  } as const satisfies BuildOptions;
  const result = await build(options).catch(async (failure: unknown) => {
    throw await explain(failure as BuildFailure, options, entry);
  });
  const text = (ending: string): string => result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
  return {
    code: text('.js'),
    map: absoluteSources(text('.map'), root),
    inputs: Object.keys(result.metafile.inputs)
      .map((input) => resolve(root, input))
      .sort(),
  };
}

function absoluteSources(map: string, root: string): string {
  const parsed = JSON.parse(map) as { sources: string[] };
  return JSON.stringify({ ...parsed, sources: parsed.sources.map((source) => resolve(root, source)) });
}

/** The first error only: the others are mostly its consequences. */
async function explain(failure: BuildFailure, options: BuildOptions, entry: string): Promise<HarnessError> {
  const [error] = failure.errors ?? [];
  if (error === undefined)
    return new HarnessError('bundle-failed', { entry, problem: String(failure) }, { cause: failure });
  const specifier = UNRESOLVED.exec(error.text)?.[1];
  const addon = NATIVE_ADDON.exec(error.text)?.[1];
  const { location } = error;
  if (location === null) return new HarnessError('bundle-failed', { entry, problem: error.text }, { cause: failure });
  const importer = resolve(options.absWorkingDir ?? '/', location.file);
  if (specifier === undefined && addon === undefined) return syntaxError(error, importer, failure);
  const at = { entry, importer, line: location.line, chain: await namedChain(options, entry, importer) };
  return specifier === undefined
    ? new HarnessError('bundle-native-addon', { ...at, addon: addon ?? '' }, { cause: failure })
    : new HarnessError('bundle-unresolved', { ...at, specifier }, { cause: failure });
}

function syntaxError({ text, location }: Message, file: string, cause: unknown): HarnessError {
  // esbuild counts columns from 0 and in bytes; editors count from 1.
  const column = location === null ? 1 : Buffer.from(location.lineText).toString('utf8', 0, location.column).length + 1;
  const fields = { file, line: location?.line ?? 1, column, problem: text, source: location?.lineText ?? '' };
  return new HarnessError('bundle-syntax', fields, { cause });
}

/** The chain as paths relative to the root, as an author would write them. */
async function namedChain(options: BuildOptions, entry: string, importer: string): Promise<string[]> {
  const start = realpathSync(entry);
  const chain = (await importChain(options, start, importer)) ?? [start, importer];
  return chain.map((file) => relative(options.absWorkingDir ?? '/', file));
}
