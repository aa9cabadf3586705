import { type BuildOptions, type PluginBuild, build } from 'esbuild';

const PASS_ON = Symbol('resolved by esbuild itself');

/**
 * The files from the entry to `file`, each importing the next one, by the first import met; null when none was met. This builds again,
 * with every import going through this process, so it is for builds that failed.
 */
export async function importChain(options: BuildOptions, entry: string, file: string): Promise<string[] | null> {
  const importerOf = new Map<string, string>();
  const plugins = [{ name: 'import-chain', setup: (esbuild: PluginBuild) => trackImports(esbuild, importerOf) }];
  await build({ ...options, plugins, logLevel: 'silent' }).catch(() => undefined);
  const chain = [file];
  for (let at = file; at !== entry;) {
    const importer = importerOf.get(at);
    if (importer === undefined || chain.includes(importer)) return null;
    chain.unshift(importer);
    at = importer;
  }
  return chain;
}

function trackImports(esbuild: PluginBuild, importerOf: Map<string, string>): void {
  esbuild.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...from }) => {
    if (pluginData === PASS_ON || from.kind === 'entry-point') return undefined;
    const { importer, namespace, resolveDir, kind } = from;
    const resolved = await esbuild.resolve(path, { importer, namespace, resolveDir, kind, pluginData: PASS_ON });
    // Without an answer here, esbuild resolves once more and reports what is wrong in its own words.
    if (resolved.errors.length > 0) return undefined;
    if (!importerOf.has(resolved.path)) importerOf.set(resolved.path, importer);
    return {
      path: resolved.path,
      external: resolved.external,
      namespace: resolved.namespace,
      sideEffects: resolved.sideEffects,
    };
  });
}
