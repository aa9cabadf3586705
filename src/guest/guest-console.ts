import { Console } from 'node:console';
import { format } from 'node:util';

export interface ConsoleEntry {
  type: string;
  message: string;
  stack: string;
}

/** Methods that Jest's console tells apart; all others end up as `log` or `error` through Node's own formatting. */
const TYPED = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** A console whose every entry goes to `emit`, with the stack of the caller. */
export function makeConsole(emit: (entry: ConsoleEntry) => void): Console {
  // Console asks no more of a stream than that it can be written to; a real one would cost loading node:stream.
  const other = (type: string): NodeJS.WritableStream =>
    ({
      write: (text: string) => emit({ type, message: text.replace(/\n$/, ''), stack: '' }),
      on: () => undefined,
      once: () => undefined,
      removeListener: () => undefined,
      listenerCount: () => 0,
    }) as unknown as NodeJS.WritableStream;
  const console = new Console({ stdout: other('log'), stderr: other('error') });
  let indent = '';
  const { group, groupEnd } = console;
  for (const type of TYPED) {
    const typed = (...args: unknown[]): void => {
      const holder = { stack: '' };
      Error.captureStackTrace(holder, typed);
      emit({ type, message: format(...args).replace(/^/gm, indent), stack: holder.stack });
    };
    console[type] = typed;
  }
  console.group = (...label: unknown[]) => {
    if (label.length > 0) console.log(...label);
    indent += '  ';
    group.call(console);
  };
  console.groupCollapsed = console.group;
  console.groupEnd = () => {
    indent = indent.slice(2);
    groupEnd.call(console);
  };
  return console;
}
