import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
import { symlinkSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { type TestBundle, bundleTest } from '../../../initramfs/bundle';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();

beforeEach(() => {
  process.env['KTSTR_CACHE_DIR'] = temp.path('cache');
});

afterEach(() => {
  delete process.env['KTSTR_CACHE_DIR'];
});

/** Bundles `a.test.ts` of a folder below the test's own. */
async function bundle(
  files: Record<string, string>,
  decorators: 'legacy' | 'standard' = 'legacy',
  folder = 'project',
): Promise<TestBundle> {
  temp.write(Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content])));
  const rootDir = temp.path(folder);
  return await bundleTest({ entry: temp.path(folder, 'a.test.ts'), rootDir, external: [], decorators });
}

/** What the bundle exports; the modules it requires are empty. */
function run({ code }: TestBundle, globals: object = {}): Record<string, unknown> {
  const module = { exports: {} };
  const required = (name: string): object => ({ name });
  runInNewContext(code, { module, exports: module.exports, require: required, ...globals });
  return module.exports;
}

const decorated = {
  'a.test.ts': `
    const seen: number[] = [];
    function mark(...args: unknown[]): void { seen.push(args.length); }
    class A { @mark method(): void {} }
    export const parameters = seen[0];
    export const name = A.name;`,
};

describe('bundleTest()', () => {
  test('puts the imports into one CommonJS module', async () => {
    const bundled = await bundle({
      'a.test.ts': `import { answer } from './lib/answer'; export const doubled = answer * 2;`,
      'lib/answer.ts': `export const answer: number = 21;`,
    });
    expect(run(bundled)['doubled']).toBe(42);
    expect(bundled.inputs).toEqual([temp.path('project/a.test.ts'), temp.path('project/lib/answer.ts')]);
  });

  test('gives the same code from any folder, without a trace of the machine', async () => {
    const files = {
      'a.test.ts': `import pkg from 'pkg'; import './lib/b'; export default pkg; export const file = __filename;`,
      'lib/b.ts': `export class B {}`,
      'node_modules/pkg/index.js': `module.exports = { x: 1 };`,
    };
    const here = await bundle(files, 'legacy', 'here');
    const there = await bundle(files, 'legacy', 'deep/er/there');
    expect(there.code).toBe(here.code);
    expect(here.code).not.toContain(temp.path());
  });

  test('does not show by which link its folder was reached', async () => {
    const files = { 'a.test.ts': `module.exports = require('pkg');`, 'node_modules/pkg/index.js': `exports.x = 1;` };
    const direct = await bundle(files);
    symlinkSync('project', temp.path('link'));
    const linked = await bundleTest({
      entry: temp.path('link/a.test.ts'),
      rootDir: temp.path('link'),
      external: [],
      decorators: 'legacy',
    });
    expect(linked).toEqual(direct);
  });

  test.each([
    { style: 'legacy', parameters: 3 },
    { style: 'standard', parameters: 2 },
  ] as const)('compiles $style decorators, whatever the tsconfig says', async ({ style, parameters }) => {
    const opposite = { compilerOptions: { experimentalDecorators: style === 'standard' } };
    expect(run(await bundle(decorated, style))).toMatchObject({ parameters, name: 'A' });
    const contradicted = { ...decorated, 'tsconfig.json': JSON.stringify(opposite) };
    expect(run(await bundle(contradicted, style, 'with-tsconfig'))).toMatchObject({ parameters });
  });

  test('follows paths and jsx of the nearest tsconfig and of what that extends', async () => {
    const bundled = await bundle({
      'a.test.ts': `import { view } from '@app/view'; export { view };`,
      'src/view.tsx': `const h = (tag: string) => tag; export const view = <main />;`,
      'tsconfig.json': JSON.stringify({
        extends: './base/tsconfig.json',
        compilerOptions: { jsx: 'react', jsxFactory: 'h' },
      }),
      'base/tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '@app/*': ['../src/*'] } } }),
    });
    expect(run(bundled)['view']).toBe('main');
  });

  test('keeps the names of functions and classes that would clash', async () => {
    const bundled = await bundle({
      'a.test.ts': `import * as b from './b'; import * as c from './c'; export const names = [b.make.name, c.make.name, new b.Same().constructor.name, c.Same.name].join();`,
      'b.ts': `export function make() {} export class Same {}`,
      'c.ts': `export function make() {} export class Same {}`,
    });
    expect(run(bundled)['names']).toBe('make,make,Same,Same');
  });

  test('maps a position in the code to the line of the source', async () => {
    const source = `\n\nexport function body(): void {\n  throw new Error('here');\n}\n`;
    const { code, map } = await bundle({ 'a.test.ts': source });
    const lines = code.slice(0, code.indexOf('throw')).split('\n');
    const position = { line: lines.length, column: lines.at(-1)?.length ?? 0 };
    expect(originalPositionFor(new TraceMap(map), position)).toMatchObject({
      source: temp.path('project/a.test.ts'),
      line: 4,
    });
  });

  test('leaves what the guest provides, what the caller names and what Node has to require()', async () => {
    temp.write({
      'project/a.test.ts': ['ktstr', 'ktstr/extra', '@jest/globals', 'left-out', 'node:fs', 'os']
        .map((name, index) => `import * as m${index} from '${name}'; console.log(m${index});`)
        .join('\n'),
    });
    const request = {
      entry: temp.path('project/a.test.ts'),
      rootDir: temp.path('project'),
      decorators: 'legacy',
    } as const;
    const { code } = await bundleTest({ ...request, external: ['left-out'] });
    const required = [...code.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1]);
    expect(required).toEqual(['ktstr', 'ktstr/extra', '@jest/globals', 'left-out', 'node:fs', 'os']);
  });

  test('leaves a missing package alone where the code is ready for that', async () => {
    const bundled = await bundle({
      'a.test.ts': `try { require('not-installed'); } catch {} export const fine = true;`,
    });
    expect(run(bundled)['fine']).toBe(true);
  });
});

const chained = {
  'a.test.ts': `import './lib/b';`,
  'lib/b.ts': `// first line\nimport './c';`,
};

describe('bundleTest() throws', () => {
  test('bundle-unresolved with the place and the chain of imports', async () => {
    const failing = bundle({ ...chained, 'lib/c.ts': `\n\nimport 'not-installed';` });
    await expect(failing).rejects.toMatchObject({
      code: 'bundle-unresolved',
      fields: {
        entry: temp.path('project/a.test.ts'),
        specifier: 'not-installed',
        importer: temp.path('project/lib/c.ts'),
        line: 3,
        chain: ['a.test.ts', 'lib/b.ts', 'lib/c.ts'],
      },
    });
  });

  test('bundle-unresolved with a chain of one for an import of the test file itself', async () => {
    await expect(bundle({ 'a.test.ts': `import './gone';` })).rejects.toMatchObject({
      code: 'bundle-unresolved',
      fields: { specifier: './gone', line: 1, chain: ['a.test.ts'] },
    });
  });

  test('bundle-native-addon with the addon and the chain of imports', async () => {
    const failing = bundle({
      ...chained,
      'lib/c.ts': `import 'with-addon';`,
      'node_modules/with-addon/index.js': `module.exports = require('./build/it.node');`,
      'node_modules/with-addon/build/it.node': '',
    });
    await expect(failing).rejects.toMatchObject({
      code: 'bundle-native-addon',
      fields: {
        addon: 'node_modules/with-addon/build/it.node',
        importer: temp.path('project/node_modules/with-addon/index.js'),
        line: 1,
        chain: ['a.test.ts', 'lib/b.ts', 'lib/c.ts', 'node_modules/with-addon/index.js'],
      },
    });
  });

  test('bundle-syntax with line and column, counted in characters', async () => {
    await expect(bundle({ ...chained, 'lib/c.ts': `let a;\nlet é = ;` })).rejects.toMatchObject({
      code: 'bundle-syntax',
      fields: { file: temp.path('project/lib/c.ts'), line: 2, column: 9, source: 'let é = ;' },
    });
  });

  test('bundle-failed when the test file itself is not there', async () => {
    await expect(bundle({ 'other.ts': '' })).rejects.toMatchObject({
      code: 'bundle-failed',
      fields: { entry: temp.path('project/a.test.ts') },
    });
  });
});
