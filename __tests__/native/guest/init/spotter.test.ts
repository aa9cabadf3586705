import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { afterEach, beforeAll, expect, test } from '@jest/globals';

import { FakeInspector, frame } from '../../fake-inspector';
import { freePort } from '../../free-port';
import { waitUntil } from '../../processes';
import { builtProgram } from '../../programs';

const PATIENCE_MS = 10_000;
const SPINNING = join(__dirname, '../../fixtures/spins-forever.cjs');
const BLOCKED = join(__dirname, '../../fixtures/blocks-in-a-read.cjs');

interface Spotted {
  status: number | null;
  lines: string[];
}

let program: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  program = builtProgram('host/spotter_test');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a Node process that says a word and then never comes back to its event loop. */
async function startLost(args: string[]): Promise<{ pid: number; port: number }> {
  const port = await freePort();
  const child = spawn(process.execPath, [`--inspect-port=${port}`, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, port };
}

/** Something to send the signal to, where the inspector is a fake. */
function startTarget(): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  return child.pid ?? 0;
}

function startSpotter(pid: number, port: number, patienceMs = PATIENCE_MS): ChildProcess {
  const args = [pid, port, patienceMs].map(String);
  const spotter = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(spotter);
  return spotter;
}

async function endOf(spotter: ChildProcess): Promise<Spotted> {
  let output = '';
  spotter.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [status] = (await once(spotter, 'close')) as [number | null];
  return { status, lines: output.split('\n').slice(0, -1) };
}

async function spot(pid: number, port: number, patienceMs?: number): Promise<Spotted> {
  const spotter = startSpotter(pid, port, patienceMs);
  spotter.stdin?.write('arm 20\n');
  return endOf(spotter);
}

function positionOf(text: string, file: string): { l: number; c: number } {
  const before = readFileSync(file, 'utf8').split(text)[0]?.split('\n') ?? [];
  return { l: before.length - 1, c: before.at(-1)?.length ?? 0 };
}

const FRAMES = [
  { functionName: 'a\\"b', scriptId: '71', lineNumber: 3, columnNumber: 7 },
  { functionName: '', scriptId: '8', lineNumber: 0, columnNumber: 0 },
];

function scriptParsed(scriptId: string, url: string): Buffer {
  return frame(
    'text',
    `{"method":"Debugger.scriptParsed","params":{"scriptId":"${scriptId}","url":"${url}","endLine":9}}`,
  );
}

/** The event in the order and with the ballast that V8 gives it; `ballast` makes the second frame that much larger. */
function pausedEvent(ballast = 0): string {
  const callFrames = FRAMES.map(
    ({ functionName, scriptId, lineNumber, columnNumber }, i) =>
      `{"callFrameId":"1.${i}","functionName":"${functionName}","functionLocation":{"lineNumber":99,"columnNumber":98},` +
      `"location":{"scriptId":"${scriptId}","lineNumber":${lineNumber},"columnNumber":${columnNumber}},"url":"",` +
      `"scopeChain":[{"type":"local","object":{"description":"}]\\"${'x'.repeat(i === 1 ? ballast : 0)}"}}],"this":null}`,
  );
  return (
    `{"method":"Debugger.paused","params":{"callFrames":[${callFrames.join(',')}],"reason":"other",` +
    `"asyncStackTrace":{"callFrames":[{"functionName":"async","url":"u","lineNumber":1,"columnNumber":1}]}}}`
  );
}

const SPIN = 'spin [{"f":"a\\"b","u":"file:///t.js","l":3,"c":7},{"f":"","u":"","l":0,"c":0}]';
const BEFORE = Buffer.concat([
  frame('text', '{"id":1,"result":{"debuggerId":"Debugger.paused"}}'),
  scriptParsed('7', 'file:///other.js'),
  scriptParsed('71', 'file:///t.js'),
]);

test('the spotter tells where a Node process spins', async () => {
  const { pid, port } = await startLost([SPINNING, '0']);

  const { status, lines } = await spot(pid, port);

  expect({ status, count: lines.length }).toEqual({ status: 0, count: 1 });
  expect(lines[0]).toMatch(/^spin \[/);
  const url = pathToFileURL(SPINNING).href;
  const [top, caller] = JSON.parse((lines[0] ?? '').slice('spin '.length)) as unknown[];
  expect(top).toEqual({ f: 'spin', u: url, ...positionOf('while (true)', SPINNING), c: expect.any(Number) });
  expect(caller).toEqual({ f: 'descend', u: url, ...positionOf('spin();', SPINNING) });
});

test('the spotter gives the top ten frames of a deep stack', async () => {
  const { pid, port } = await startLost([SPINNING, '3000']);

  const { lines } = await spot(pid, port);

  const names = (JSON.parse((lines[0] ?? '').slice('spin '.length)) as { f: string }[]).map(({ f }) => f);
  expect(names).toEqual(['spin', ...Array.from({ length: 9 }, () => 'descend')]);
});

test('the spotter says that it cannot tell when the process is blocked in a system call', async () => {
  const { pid, port } = await startLost([BLOCKED]);

  const { status, lines } = await spot(pid, port, 1000);

  // Refused, or reset by another program of this host that happened to have the port for a moment.
  const refused = expect.stringMatching(
    /^fault spotter:connect (111 Connection refused|104 Connection reset by peer)$/,
  );
  expect({ status, lines }).toEqual({ status: 0, lines: [refused, 'spin []'] });
});

test.each([
  { name: 'comes in one frame', reply: () => [BEFORE, frame('text', pausedEvent())], expected: SPIN },
  {
    name: 'comes in a frame with a length of 16 bits',
    reply: () => [BEFORE, frame('text', pausedEvent(1000))],
    expected: SPIN,
  },
  {
    name: 'comes in a frame with a length of 64 bits',
    reply: () => [BEFORE, frame('text', pausedEvent(100_000))],
    expected: SPIN,
  },
  {
    name: 'comes in fragments with a ping between them',
    reply: () => {
      const text = pausedEvent(70_000);
      return [
        BEFORE,
        frame('text', text.slice(0, 66_000), false),
        frame('ping', 'are you there'),
        frame('continuation', text.slice(66_000, 66_001), false),
        frame('continuation', text.slice(66_001)),
      ];
    },
    expected: SPIN,
  },
  {
    name: 'is larger than what is kept of it, frame by frame',
    reply: () => [BEFORE, frame('text', pausedEvent(1_000_000))],
    expected: 'spin [{"f":"a\\"b","u":"file:///t.js","l":3,"c":7}]',
  },
])('the spotter reads an event that $name', async ({ reply, expected }) => {
  await using inspector = await FakeInspector.listen(Buffer.concat(reply()));

  await expect(spot(startTarget(), inspector.port)).resolves.toEqual({ status: 0, lines: [expected] });
  await waitUntil('both commands have arrived', () => inspector.received.length >= 2);
  expect(inspector.received).toEqual(['{"id":1,"method":"Debugger.enable"}', '{"id":2,"method":"Debugger.pause"}']);
});

test.each([
  { name: 'closes the connection', reply: frame('close', ''), fault: 'spotter:pause 104 Connection reset by peer' },
  { name: 'never pauses', reply: BEFORE, fault: 'spotter:pause 110 Connection timed out' },
  {
    name: 'masks its frames',
    reply: Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x7b]),
    fault: 'spotter:pause 71 Protocol error',
  },
])('the spotter names the fault when the inspector $name', async ({ reply, fault }) => {
  await using inspector = await FakeInspector.listen(reply);

  const { lines } = await spot(startTarget(), inspector.port, 2000);

  expect(lines).toEqual([`fault ${fault}`, 'spin []']);
});

test('the spotter names the fault when no inspector opens', async () => {
  const { lines } = await spot(startTarget(), await freePort(), 200);

  expect(lines).toEqual(['fault spotter:connect 111 Connection refused', 'spin []']);
});

test('the spotter names the fault when the process is gone', async () => {
  const target = spawn('true');
  await once(target, 'exit');

  const { lines } = await spot(target.pid ?? 0, await freePort());

  expect(lines).toEqual(['fault spotter:signal 3 No such process', 'spin []']);
});

test('the spotter stays silent when it is disarmed, and ends with its command pipe', async () => {
  const spotter = startSpotter(startTarget(), await freePort());
  const end = endOf(spotter);
  spotter.stdin?.write('arm 20\ndisarm\n');
  // Ten times as long as it was armed for.
  await setTimeout(200);
  spotter.stdin?.end();

  await expect(end).resolves.toEqual({ status: 1, lines: [] });
});
