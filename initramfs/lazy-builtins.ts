import { builtinModules } from 'node:module';

import type { Plugin } from 'esbuild';

/** Needed before the first line of a test runs, so that putting them off would only cost. */
const EAGER = new Set(['fs', 'module', 'path', 'process']);

/**
 * Loads Node's own modules when something of theirs is first used. Most tests use few of them, and compiling the forty that a worker process or an
 * assertion drags in takes an emulated CPU a tenth of its whole boot.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path, namespace }) => {
      const name = path.replace(/^node:/, '');
      const isLazy = namespace !== 'lazy' && builtinModules.includes(name) && !EAGER.has(name);
      return isLazy ? { path: name, namespace: 'lazy' } : undefined;
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path }) => {
      const names = Object.keys((await import(`node:${path}`)) as object).filter((name) => name !== 'default');
      return { contents: lazyModule(path, names), resolveDir: __dirname };
    });
  },
};

function lazyModule(path: string, names: readonly string[]): string {
  const getters = names.map((name) => `get ${JSON.stringify(name)}() { return load()[${JSON.stringify(name)}]; }`);
  // Not `require`, which the bundler would resolve to this module again.
  return `const load = () => process.getBuiltinModule(${JSON.stringify(`node:${path}`)});\nmodule.exports = { ${getters.join(', ')} };`;
}
