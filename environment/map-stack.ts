import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

import { GUEST_PATHS } from '../src/spec/declare/run-request';

// "    at name (file:line:column)" or "    at file:line:column", as V8 prints them; "async" stands before what was awaited.
const FRAME = /^(\s+at (?:async )?)(?:(.*) \()?(.+?):(\d+):(\d+)\)?$/;

/** Turns positions in the test bundle into those of the author's files. */
export class StackMapper {
  readonly #map: TraceMap;

  constructor(sourceMap: string) {
    this.#map = new TraceMap(sourceMap);
  }

  /** A text that may have stacks in it: positions in the bundle become the author's, frames of the guest runtime and of Node go. */
  text(text: string): string {
    const lines: string[] = [];
    for (const line of text.split('\n')) {
      // What console.log prints of an error with properties goes on behind its last frame.
      const brace = line.endsWith(' {') ? ' {' : '';
      const frame = line.slice(0, line.length - brace.length);
      if (isOfGuest(frame)) lines.push(...this.#mapFrame(frame));
      else lines.push(frame);
      if (brace !== '') lines.push(`${lines.pop() ?? ''}${brace}`);
    }
    return lines.join('\n');
  }

  /** The author's frames of a stack, without what it says above them. */
  frames(stack: string): string {
    return stack
      .split('\n')
      .filter((line) => FRAME.test(line))
      .flatMap((line) => this.#mapFrame(line))
      .join('\n');
  }

  /** A frame of the author's file, or null when the position is not of the bundle. Lines and columns count from 1. */
  frame(at: { name: string; file: string; line: number; column: number }): string | null {
    if (at.file !== GUEST_PATHS.bundle) return null;
    const { source, line, column } = originalPositionFor(this.#map, {
      line: at.line,
      column: Math.max(at.column - 1, 0),
    });
    if (source === null || line === null) return null;
    const position = `${source}:${line}:${(column ?? 0) + 1}`;
    return at.name === '' ? `    at ${position}` : `    at ${at.name} (${position})`;
  }

  #mapFrame(text: string): string[] {
    const [, at = '', name = '', file = '', line, column] = FRAME.exec(text) ?? [];
    const frame = this.frame({ name, file, line: Number(line), column: Number(column) });
    return frame === null ? [] : [frame.replace(/^\s+at /, at)];
  }
}

function isOfGuest(line: string): boolean {
  if (/^\s+at .*\(<anonymous>\)$/.test(line)) return true;
  const file = FRAME.exec(line)?.[3];
  return file !== undefined && (file.startsWith('/ktstr/') || file.startsWith('node:'));
}
