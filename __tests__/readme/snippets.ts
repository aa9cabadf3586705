import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

/** A fenced block of the README. What follows the language names it; a test file is named by its path. */
export interface Snippet {
  language: string;
  name: string;
  code: string;
}

export function readme(): string {
  return readFileSync(resolve(ROOT, 'README.md'), 'utf8');
}

export function snippets(): Snippet[] {
  return [...readme().matchAll(/^```(\w*) ?(.*)\n([^]*?)^```$/gm)].map(([, language = '', name = '', code = '']) => ({
    language,
    name,
    code,
  }));
}

/** @throws {Error} when there is no such block, or more than one */
export function snippet(name: string): Snippet {
  const [found, ...more] = snippets().filter((block) => block.name === name);
  if (!found || more.length > 0) throw new Error(`README.md has ${more.length + (found ? 1 : 0)} blocks "${name}"`);
  return found;
}

/** Lines of all shell blocks, without their comments. */
export function shellCommands(): string[] {
  return snippets()
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.split('\n'))
    .map((line) => line.replace(/\s+#.*/, ''))
    .filter((line) => line !== '');
}

const JEST = ['beforeEach', 'expect', 'test'];
const KTSTR = [
  ...['CgroupDef', 'Cpuset', 'Hold', 'executeDefs', 'fail', 'inconclusive', 'ktstrDefaults', 'ktstrTest'],
  ...['flag', 'mergeAssertResults', 'pass', 'Scheduler', 'skip'],
];

/** The snippet with the imports that the README leaves out. */
export function withImports(code: string): string {
  const isImported = (name: string): boolean => new RegExp(`^import .*\\b${name}\\b`, 'm').test(code);
  const missing = (names: readonly string[]): string[] =>
    names.filter((name) => new RegExp(`(?<![.@\\w])@?${name}\\b`).test(code) && !isImported(name));
  const ktstr = [...missing(KTSTR), ...missing(['Ctx']).map((name) => `type ${name}`)];
  const line = (names: readonly string[], from: string): string =>
    names.length === 0 ? '' : `import { ${names.join(', ')} } from '${from}';\n`;
  return line(missing(JEST), '@jest/globals') + line(ktstr, 'ktstr') + code;
}
