import type { Messages } from '../protocol/messages';

type Departure = Messages['departure'];

/** Reports every way in which JavaScript can end the process on purpose, with the line that did it, before it takes effect. */
export function watchDepartures(leave: (departure: Departure) => void): void {
  const depart = (how: string, code: number | null, callee: object): never => {
    const holder = { stack: '' };
    Error.captureStackTrace(holder, callee as () => void);
    leave({ how, code, stack: holder.stack });
    throw new Error(`${how} did not end the guest`);
  };
  const exit = (code?: number | string | null): never =>
    depart('process.exit', Number(code ?? process.exitCode ?? 0), exit);
  const abort = (): never => depart('process.abort', null, abort);
  const { kill } = process;
  const killChecked = (pid: number, signal: string | number = 'SIGTERM'): true => {
    if (pid === process.pid && signal !== 0) depart(`process.kill(${pid}, ${signal})`, null, killChecked);
    return kill.call(process, pid, signal);
  };
  Object.assign(process, { exit, abort, kill: killChecked });
  process.on('exit', (code) => leave({ how: 'an empty event loop', code, stack: '' }));
}
