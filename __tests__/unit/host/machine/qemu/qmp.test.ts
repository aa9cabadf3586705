import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { Qmp, type QmpEvent } from '../../../../../src/host/machine/qemu/qmp';

let line: Duplex;
let qemu: Duplex;
let qmp: Qmp;
let events: QmpEvent[];

beforeEach(() => {
  const [ours, theirs] = duplexPair();
  line = ours;
  qemu = theirs.setEncoding('utf8');
  events = [];
  qmp = new Qmp(line, (event) => events.push(event));
});

afterEach(() => {
  jest.useRealTimers();
  qemu.destroy();
});

const say = (...objects: object[]): void =>
  void qemu.write(objects.map((object) => `${JSON.stringify(object)}\r\n`).join(''));

/** The next command that reaches QEMU. */
async function command(): Promise<unknown> {
  const [text] = (await once(qemu, 'data')) as [string];
  expect(text).toMatch(/^[^\n]+\n$/);
  return JSON.parse(text);
}

describe('Qmp.execute()', () => {
  test('sends a command and resolves with what it returns', async () => {
    const version = qmp.execute('query-version');
    expect(await command()).toEqual({ execute: 'query-version' });
    say({ return: { qemu: 7 } });
    expect(await version).toEqual({ qemu: 7 });
    const cont = qmp.execute('screendump', { filename: 'a' });
    expect(await command()).toEqual({ execute: 'screendump', arguments: { filename: 'a' } });
    say({ return: {} });
    expect(await cont).toEqual({});
  });

  test('gives replies to their commands in order, with the greeting and events between them', async () => {
    const replies = [qmp.execute('a'), qmp.execute('b'), qmp.execute('c')];
    const settled = Promise.allSettled(replies);
    say({ QMP: { version: {} } }, { return: 1 }, { event: 'STOP', timestamp: {} });
    say({ error: { class: 'GenericError', desc: 'not now' } }, { return: 3 });
    expect(await settled).toMatchObject([
      { value: 1 },
      { reason: { code: 'qmp', fields: { command: 'b', reason: 'not now' } } },
      { value: 3 },
    ]);
    expect(events).toMatchObject([{ event: 'STOP' }]);
  });

  test('reads objects from whatever pieces the line comes in', async () => {
    const reply = qmp.execute('a');
    for (const piece of ['{"ret', 'urn": "é', '"}', '\n{"event":"SHUTDOWN","data":{"reason":"x"}}\n'])
      qemu.write(piece);
    expect(await reply).toBe('é');
    await new Promise(setImmediate);
    expect(events).toEqual([{ event: 'SHUTDOWN', data: { reason: 'x' } }]);
  });

  test.each([
    { name: 'closes', error: undefined },
    { name: 'breaks', error: new Error('EPIPE') },
  ])('refuses what is under way and what comes after when the line $name', async ({ error }) => {
    const gone = (sent: string): object => ({ code: 'qmp', fields: { command: sent, reason: 'QEMU is gone' } });
    const underWay = Promise.allSettled([qmp.execute('cont'), qmp.execute('quit')]);
    line.destroy(error);
    expect(await underWay).toMatchObject([{ reason: gone('cont') }, { reason: gone('quit') }]);
    await expect(qmp.execute('stop')).rejects.toMatchObject(gone('stop'));
  });

  test('refuses when there is no answer in time, and does not take a late one for that of the next command', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const late = qmp.execute('a');
    jest.advanceTimersByTime(10_000);
    await expect(late).rejects.toMatchObject({ code: 'qmp', fields: { reason: 'no answer within 10000 ms' } });
    const next = qmp.execute('b');
    say({ return: 'of a' }, { return: 'of b' });
    expect(await next).toBe('of b');
    expect(jest.getTimerCount()).toBe(0);
  });
});
