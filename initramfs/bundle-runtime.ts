import { type Plugin, build } from 'esbuild';
import { lazyBuiltins } from './lazy-builtins';
import { stubFor } from './runtime-stubs';

/**
 * Writes the guest's runtime as one CommonJS file: the entry with jest-circus, expect and all else that it imports, without what only
 * makes sense on the host. It is part of building the package; a fault in it is esbuild's own error.
 */
export async function bundleRuntime(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    keepNames: true,
    // jest-circus asks, while it loads, where jest-each is, to leave its lines out of stacks. No file in the guest has that name.
    define: { 'require.resolve': 'String' },
    plugins: [stubs, lazyBuiltins],
    logLevel: 'silent',
  });
}

const stubs: Plugin = {
  name: 'stubs',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^[@a-z]/ }, ({ path, resolveDir }) =>
      stubFor(path) === undefined ? undefined : { path, namespace: 'stub', pluginData: resolveDir },
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'stub' }, ({ path, pluginData }) => ({
      contents: stubFor(path) ?? '',
      // What a stub imports is found from where the stubbed module was imported.
      resolveDir: pluginData as string,
    }));
  },
};
