import { type ArrayValue, namedMembers, type ScalarValue, type StructValue, type Value } from './value';

/** Columns of a line of `renderPretty`, which leave room for what a report puts before it. */
const LINE_WIDTH = 100;
const INDENT = '  ';

/** One line, much as crash and gdb print: `{nr_running = 2, comm = "init", load = [0 <3 times>, 7]}`. */
export function renderCompact(value: Value): string {
  if (!isNested(value)) return renderScalar(value);
  const parts = partsOf(value).map(
    ({ before, value: part, after }) => `${before}${part ? renderCompact(part) : ''}${after}`,
  );
  return value.kind === 'array' ? `[${parts.join(', ')}]` : `{${parts.join(', ')}}`;
}

/** What fits into a line is in one; else every member and element begins a line. */
export function renderPretty(value: Value): string {
  return renderAt(value, { indent: '', column: 0 });
}

function renderAt(value: Value, { indent, column }: { indent: string; column: number }): string {
  const compact = renderCompact(value);
  if (!isNested(value) || column + compact.length <= LINE_WIDTH) return compact;
  const inner = `${indent}${INDENT}`;
  const lines = partsOf(value).map(({ before, value: part, after }) => {
    const column = inner.length + before.length + after.length;
    return `${inner}${before}${part ? renderAt(part, { indent: inner, column }) : ''}${after}\n`;
  });
  return value.kind === 'array' ? `[\n${lines.join('')}${indent}]` : `{\n${lines.join('')}${indent}}`;
}

interface Part {
  before: string;
  /** Undefined for a note on what was left out. */
  value?: Value;
  after: string;
}

function isNested(value: Value): value is StructValue | ArrayValue {
  return value.kind === 'struct' || value.kind === 'union' || value.kind === 'array';
}

function partsOf(value: StructValue | ArrayValue): Part[] {
  const parts = value.kind === 'array' ? runsOf(value) : membersOf(value);
  return value.omitted === 0 ? parts : [...parts, { before: `... ${value.omitted} more`, after: '' }];
}

function membersOf(struct: StructValue): Part[] {
  return namedMembers(struct).map(({ name, value }) => ({ before: `${name} = `, value, after: '' }));
}

/** Elements in a row that read the same are shown once. */
function runsOf({ elements }: ArrayValue): Part[] {
  const runs: { text: string; value: Value; times: number }[] = [];
  for (const value of elements) {
    const text = renderCompact(value);
    const last = runs.at(-1);
    if (last?.text === text) last.times += 1;
    else runs.push({ text, value, times: 1 });
  }
  return runs.map(({ value, times }) => ({ before: '', value, after: times === 1 ? '' : ` <${times} times>` }));
}

function renderScalar(value: Exclude<Value, StructValue | ArrayValue>): string {
  switch (value.kind) {
    case 'int':
    case 'bitfield':
    case 'float':
    case 'bool':
      return String(value.value);
    case 'enum':
      return value.name ?? `(${value.type})${value.value}`;
    case 'char':
      return renderChar(value);
    case 'string':
      return JSON.stringify(value.value);
    case 'ptr':
      return value.value === 0n ? 'NULL' : `0x${value.value.toString(16)}`;
    case 'opaque':
      return `<${value.type}: ${value.reason}>`;
  }
}

function renderChar({ value }: ScalarValue & { kind: 'char' }): string {
  const isPrintable = value >= 0x20 && value < 0x7f;
  return isPrintable ? `'${String.fromCharCode(value)}'` : String(value);
}
