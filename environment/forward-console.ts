import { getConsoleOutput, type LogType } from '@jest/console';
import type { JestEnvironmentConfig } from '@jest/environment';

import type { Messages } from '../src/protocol/messages';
import type { StackMapper } from './map-stack';

export type ConsoleTarget = Pick<JestEnvironmentConfig, 'projectConfig' | 'globalConfig'> & { console: Console };

/** Fields of Jest's own consoles, which have no public way to add an entry with an origin of its own. */
interface JestConsole {
  _buffer?: ConsoleEntry[];
  _stdout?: NodeJS.WritableStream;
}

/** What a reporter gets to see of a call of console: the text and, as frames of a stack, where it came from. */
export interface ConsoleEntry {
  type: LogType;
  message: string;
  origin: string;
}

/** Adds what the guest printed to Jest's console, with the author's line as its origin. */
export function forwardConsole(target: ConsoleTarget, entry: Messages['console'], mapper: StackMapper): void {
  const { type, message, stack } = entry;
  addToConsole(target, { type: type as LogType, message: mapper.text(message), origin: mapper.frames(stack) });
}

/** Adds an entry to Jest's console as if it had been called at the origin. */
export function addToConsole({ console, globalConfig, projectConfig }: ConsoleTarget, entry: ConsoleEntry): void {
  if (globalConfig.silent) return;
  const { _buffer: buffer, _stdout: stdout } = console as JestConsole;
  if (!buffer) return console.log(entry.message);
  // Reporters read the buffer in any case; a verbose Jest prints at once, and no buffer afterwards.
  buffer.push(entry);
  if (globalConfig.verbose) stdout?.write(`${getConsoleOutput([entry], projectConfig, globalConfig)}\n`);
}
