import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { GuestRun } from '../../../../src/host/machine/guest-run';
import { watchGuest } from '../../../../src/host/machine/watch-guest';
import { encodeMessage } from '../../../../src/protocol/encode-message';
import { encodeFrame } from '../../../../src/protocol/frame';
import type { Message, MessageKind } from '../../../../src/protocol/messages';
import { EXAMPLES } from '../../protocol/example-messages';
import { ScriptedMachine } from './scripted-machine';

const DEADLINES = { bootMs: 20_000, silenceMs: 3000, testMs: 5000, poweroffMs: 500 };

let machine: ScriptedMachine;
let seen: Message[];
let run: Promise<GuestRun>;

beforeEach(() => {
  jest.useFakeTimers();
  machine = new ScriptedMachine();
  seen = [];
  const onMessage = (message: Message): void => void seen.push(message);
  run = watchGuest(machine, { deadlines: DEADLINES, startedAt: performance.now(), onMessage });
});

afterEach(() => {
  jest.useRealTimers();
});

const send = (kind: MessageKind): void => machine.port.write(encodeMessage(EXAMPLES[kind]));

function pass(ms: number): void {
  jest.advanceTimersByTime(ms);
}

function end(): Promise<GuestRun> {
  machine.end({ kind: 'poweroff' });
  return run;
}

/** The run when the host has ended it, which it must have by now. */
async function stoppedRun(): Promise<GuestRun> {
  expect(machine.stops).toBeGreaterThan(0);
  return run;
}

describe('watchGuest() collects', () => {
  test('messages as they arrive, and when each stage was first seen', async () => {
    pass(100);
    machine.early.write('stage init 5\r\nstage ex');
    pass(10);
    machine.early.write('ec 7\nstage init 9\n');
    pass(10);
    send('hello');
    send('testStart');
    pass(50);
    send('result');
    machine.console.write('reboot: Power down\n');
    pass(5);
    const { messages, seenAtMs, consoleText, endedAtMs, exit, stop, droppedBytes } = await end();
    expect(seen.map(({ kind }) => kind)).toEqual(['hello', 'testStart', 'result']);
    const { kind: _, ...hello } = EXAMPLES.hello;
    expect(messages.hello).toEqual(hello);
    expect([...seenAtMs]).toEqual([
      ['init', 100],
      ['exec', 110],
      ['hello', 120],
      ['testStart', 120],
      ['result', 170],
    ]);
    expect({ consoleText, endedAtMs, exit, stop, droppedBytes }).toEqual({
      ...{ consoleText: 'reboot: Power down\n', endedAtMs: 175, exit: { kind: 'poweroff' } },
      ...{ stop: null, droppedBytes: 0 },
    });
  });

  test('what the guest wrote before it was watched', async () => {
    const written = new ScriptedMachine();
    written.port.write(encodeMessage(EXAMPLES.hello));
    const late = watchGuest(written, { deadlines: DEADLINES, startedAt: 0 });
    written.end({ kind: 'reset' });
    expect(await late).toMatchObject({ messages: { hello: { kernelRelease: '6.12.0' } }, exit: { kind: 'reset' } });
  });

  test('faults of init and of the runtime', async () => {
    machine.early.write('fault init mount /proc: No such device\nfault runtime "Error: no"\nnoise\n');
    expect((await end()).faults).toEqual(['init mount /proc: No such device', 'runtime "Error: no"']);
  });

  test('where JavaScript loops', async () => {
    machine.early.write('spin [{"f":"body","u":"file:///ktstr/test.js","l":4,"c":2}]\n');
    expect((await end()).loop).toEqual([{ functionName: 'body', url: 'file:///ktstr/test.js', line: 4, column: 2 }]);
  });

  test('no loop from half a line of it', async () => {
    machine.early.write('spin [{"f":"bo\n');
    expect((await end()).loop).toBeNull();
  });

  test('how many bytes were no frame, at the end too', async () => {
    send('hello');
    machine.port.write('garbage!');
    send('testStart');
    machine.port.write(encodeMessage(EXAMPLES.result).subarray(0, 20));
    const { droppedBytes, messages } = await end();
    expect(droppedBytes).toBe(28);
    expect(Object.keys(messages)).toEqual(['hello', 'testStart']);
  });

  test('intact frames that are no message as faults', async () => {
    machine.port.write(encodeFrame('testStart', Buffer.from('{"name":7}')));
    const { faults, messages } = await end();
    expect(faults).toEqual([expect.stringMatching(/^message: .*testStart/)]);
    expect(messages).toEqual({});
  });
});

describe('watchGuest() ends a machine', () => {
  const at = (limitMs: number): void => {
    pass(limitMs - 1);
    expect(machine.stops).toBe(0);
    pass(1);
  };

  test('that never says anything', async () => {
    at(DEADLINES.silenceMs);
    const { stop, exit } = await stoppedRun();
    expect(stop).toEqual({
      why: 'deadline',
      message: 'no sign of life within 3000 ms; last seen: nothing, 3.0 s after spawn',
    });
    expect(exit).toEqual({ kind: 'killed', signal: 'SIGKILL' });
  });

  test.each<{ line: string; speak: () => void; last: string }>([
    { line: 'the console', speak: () => machine.console.write('x'), last: 'console output' },
    { line: 'COM2', speak: () => machine.early.write('stage init 5\n'), last: 'stage init' },
    { line: 'the port', speak: () => send('hello'), last: 'stage hello' },
  ])('that falls silent before its test starts, counted from the last sign on $line', async ({ speak, last }) => {
    pass(DEADLINES.silenceMs - 1);
    speak();
    at(DEADLINES.silenceMs);
    expect((await stoppedRun()).stop?.message).toContain(`last seen: ${last}, 6.0 s after spawn`);
  });

  test('that prints on and on without starting its test', async () => {
    for (let ms = 0; ms < DEADLINES.bootMs - 1000; ms += 1000) {
      pass(1000);
      machine.console.write('still booting');
    }
    expect(machine.stops).toBe(0);
    pass(1000);
    expect((await stoppedRun()).stop?.message).toBe(
      'no start of the test within 20000 ms; last seen: console output, 20.0 s after spawn',
    );
  });

  test('whose test takes too long, whatever is said meanwhile', async () => {
    send('testStart');
    pass(DEADLINES.testMs - 1);
    machine.console.write('still here\n');
    send('console');
    expect(machine.stops).toBe(0);
    pass(1);
    expect((await stoppedRun()).stop?.message).toMatch(
      /^no result of the test within 5000 ms; last seen: stage console/,
    );
  });

  test.each<{ name: string; before: MessageKind[]; last: MessageKind }>([
    { name: 'that has sent its result', before: ['hello', 'testStart'], last: 'result' },
    { name: 'whose hook broke before the test started', before: ['hello'], last: 'result' },
    { name: 'that has said that it departs', before: ['hello', 'testStart'], last: 'departure' },
    { name: 'that departs before the test started', before: ['hello'], last: 'departure' },
  ])('$name and does not power off, whatever is said meanwhile', async ({ before, last }) => {
    for (const kind of [...before, last]) send(kind as MessageKind);
    pass(DEADLINES.poweroffMs - 1);
    machine.console.write('rcu: INFO: stall\n');
    expect(machine.stops).toBe(0);
    pass(1);
    expect((await stoppedRun()).stop?.message).toMatch(/^no poweroff within 500 ms/);
  });

  test('that panicked and hangs on its way down', async () => {
    machine.console.write('[ 1.0] Kernel panic - not ');
    machine.console.write('syncing: oops\r\n');
    pass(999);
    expect(machine.stops).toBe(0);
    pass(1);
    expect((await stoppedRun()).stop).toEqual({ why: 'panic', message: 'oops' });
  });

  test.each(['APIC frequency too slow, disabling apic timer', 'APIC timer disabled due to verification failure'])(
    'at once when it boots without a timer: %s',
    async (message) => {
      machine.console.write(`[    0.1] ${message}\r\n`);
      expect((await stoppedRun()).stop).toEqual({ why: 'timer-lost', message });
    },
  );

  test('but not one that prints the same when its init runs', () => {
    machine.early.write('stage init 5\n');
    machine.console.write('APIC frequency too slow\n');
    expect(machine.stops).toBe(0);
  });

  test('but not one that has panicked and reset by itself', async () => {
    machine.console.write('Kernel panic - not syncing: oops\n');
    pass(10);
    machine.end({ kind: 'reset' });
    expect((await run).stop).toBeNull();
    pass(60_000);
    expect([machine.stops, jest.getTimerCount()]).toEqual([0, 0]);
  });
});
