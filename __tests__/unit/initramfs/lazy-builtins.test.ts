import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { lazyBuiltins } from '../../../initramfs/lazy-builtins';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();

/** What a program prints as JSON with `say`; `isLoaded` tells of a module of Node's whether it has been loaded. */
async function run(source: string): Promise<unknown> {
  const prologue = `
    const isLoaded = (name: string) => process.moduleLoadList.includes('NativeModule ' + name);
    const say = (value: unknown) => process.stdout.write(JSON.stringify(value));`;
  temp.write({ 'entry.ts': `${source.replace('/* prologue */', prologue)}` });
  await build({
    ...{ entryPoints: [temp.path('entry.ts')], outfile: temp.path('out.js'), bundle: true },
    ...{ platform: 'node', format: 'cjs', target: 'node20', plugins: [lazyBuiltins], logLevel: 'silent' },
  });
  return JSON.parse(execFileSync(process.execPath, [temp.path('out.js')], { encoding: 'utf8' }));
}

describe('lazyBuiltins', () => {
  test('loads a module when something of it is first used', async () => {
    const said = await run(`
      import { createInterface } from 'node:readline'; /* prologue */
      const before = isLoaded('readline');
      const type = typeof createInterface;
      say([before, type, isLoaded('readline')]);`);
    expect(said).toEqual([false, 'function', true]);
  });

  test('gives the same values by every way to import them, of modules in folders too', async () => {
    const said = await run(`
      import dns, { promises } from 'dns'; import * as all from 'node:dns'; import folder from 'dns/promises'; /* prologue */
      const before = isLoaded('dns');
      const required = require('node:dns');
      const values = [dns.promises, all.promises, required.promises, folder];
      say([before, values.map((value) => value.lookup === promises.lookup), Object.keys(required).includes('lookup')]);`);
    expect(said).toEqual([false, [true, true, true, true], true]);
  });

  test('leaves alone what is needed at once, and packages that have the name of none', async () => {
    temp.write({ 'node_modules/readliner/index.js': 'module.exports = () => "package";' });
    const said = await run(`
      import fs from 'node:fs'; import readliner from 'readliner'; /* prologue */
      say([fs === process.getBuiltinModule('fs'), readliner()]);`);
    expect(said).toEqual([true, 'package']);
  });
});
