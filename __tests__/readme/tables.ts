import { optionHelp } from '../../src/spec/declare/option-schema';
import { OPTION_SCHEMAS } from '../../src/spec/declare/options';
import { FAILURE_TEXTS } from '../../src/verdict/failure-kind';

export const OPTION_NAMES = Object.keys(OPTION_SCHEMAS);

const BLOCK = /^<!-- (options|failure kinds)(?:: (.*))? -->\n[^]*?^<!-- end -->$/gm;

/** The names that the marks of the option tables list, in order. */
export function listedOptions(text: string): string[] {
  return [...text.matchAll(BLOCK)].flatMap(([, kind, names = '']) => (kind === 'options' ? names.split(' ') : []));
}

/** The text with every table between its marks made anew. */
export function withTables(text: string): string {
  return text.replaceAll(BLOCK, (_, kind: string, names: string | undefined) => {
    const table = kind === 'options' ? optionTable((names ?? '').split(' ')) : failureTable();
    return [`<!-- ${kind}${names === undefined ? '' : `: ${names}`} -->`, ...table, '<!-- end -->'].join('\n');
  });
}

function optionTable(names: readonly string[]): string[] {
  return tableOf(['Option', 'What it does', 'Allowed', 'Default'], names.map(optionRow));
}

function optionRow(name: string): string[] {
  const schema = OPTION_SCHEMAS[name];
  const { allowed } = (schema && optionHelp.get(schema)) ?? { allowed: '' };
  const [about = '', fallback = ''] = (schema?.description ?? '').split(`: ${allowed}; default `);
  return [`\`${name}\``, about, allowed, fallback];
}

function failureTable(): string[] {
  const rows = Object.entries(FAILURE_TEXTS).map(([kind, text]) => [`\`${kind}\``, text]);
  return tableOf(['Kind', 'What happened'], rows);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}
