import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads a file of the tree; undefined when there is none. */
export type ReadKconfig = (path: string) => string | undefined;

export function kconfigOf(tree: string): ReadKconfig {
  return (path) => (existsSync(join(tree, path)) ? readFileSync(join(tree, path), 'utf8') : undefined);
}

/*
 * Kconfig is a sequence of entries (config, menuconfig, choice, comment), each followed by its attributes, among them `depends on`.
 * Blocks (`if X` ... `endif`, `menu` and `choice` with their own `depends on`) add to the dependencies of what is inside, also of files
 * that are sourced there.
 */
const ENTRY = /^\s*(config|menuconfig|choice|menu|comment|if|endif|endmenu|endchoice|source|mainmenu)\b\s*(.*)$/;
const DEPENDS = /^\s*depends on\s+(.*)$/;

interface Walk {
  read: ReadKconfig;
  symbol: string;
  /** One per definition of the symbol. */
  found: string[][];
}

/** What the symbol depends on where it is defined, outermost first; one list per definition, none when the tree does not know it. */
export function dependenciesOf(symbol: string, read: ReadKconfig): string[][] {
  const walk: Walk = { read, symbol, found: [] };
  walkFile(walk, 'Kconfig', []);
  return walk.found;
}

function walkFile(walk: Walk, path: string, outer: readonly string[]): void {
  const blocks: string[][] = [];
  /** Takes the `depends on` lines that follow. */
  let target: string[] | undefined;
  for (const line of linesOf(walk.read(path) ?? '')) {
    const depends = DEPENDS.exec(line)?.[1];
    if (depends !== undefined) target?.push(depends);
    const [, keyword, rest = ''] = ENTRY.exec(line) ?? [];
    if (keyword === undefined) continue;
    const around = [...outer, ...blocks.flat()];
    target = openBlock(keyword, rest, blocks);
    if (keyword === 'source') walkFile(walk, sourcedPath(rest), around);
    if (!keyword.endsWith('config') || rest.trim() !== walk.symbol) continue;
    walk.found.push(around);
    target = around;
  }
}

/** Gives back the list that the attributes of a block go to. */
function openBlock(keyword: string, rest: string, blocks: string[][]): string[] | undefined {
  if (keyword.startsWith('end')) blocks.pop();
  if (keyword === 'if') blocks.push([rest]);
  if (keyword !== 'menu' && keyword !== 'choice') return undefined;
  const attributes: string[] = [];
  blocks.push(attributes);
  return attributes;
}

/** Without comments and help texts, which may look like entries; a line that ends with a backslash goes on in the next. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  let helpIndent: number | undefined;
  let isHelp = false;
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    if (line.trim() === '') continue;
    const indent = line.replace(/\t/g, '        ').search(/\S/);
    if (isHelp) {
      helpIndent ??= indent;
      if (indent >= helpIndent && indent > 0) continue;
      isHelp = false;
    }
    if (/^\s*(---)?help(---)?\s*$/.test(line)) {
      isHelp = true;
      helpIndent = undefined;
    } else lines.push(line.replace(/(^|\s)#.*$/, ''));
  }
  return lines;
}

function sourcedPath(rest: string): string {
  return rest
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replace(/\$\(?(?:SRCARCH|ARCH)\)?/g, 'x86');
}
