import { describe, expect, test } from '@jest/globals';
import { BufferedConsole, CustomConsole } from '@jest/console';
import { PassThrough } from 'node:stream';
import { forwardConsole, type ConsoleTarget } from '../../../environment/forward-console';
import { useGuestBundle, stackOf, type GuestBundle } from './guest-bundle';

const makeBundle = useGuestBundle();
const SOURCE = `export function body(): void {\n  throw new Error('here');\n}`;

interface Settings {
  silent?: boolean;
  verbose?: boolean;
}

function targetOf(console: Console, { silent = false, verbose = false }: Settings = {}): ConsoleTarget {
  const globalConfig = { silent, verbose, noStackTrace: false } as ConsoleTarget['globalConfig'];
  const projectConfig = { rootDir: '/project', testMatch: [] as string[] } as ConsoleTarget['projectConfig'];
  return { console, globalConfig, projectConfig };
}

async function forward(target: ConsoleTarget, bundle: GuestBundle): Promise<void> {
  const stack = await stackOf(bundle.exports['body']);
  forwardConsole(target, { type: 'warn', message: stack, stack, atNs: 1 }, bundle.mapper);
}

function makeVerbose(): { console: CustomConsole; printed: () => string } {
  const stdout = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough;
  const printed = (): string => String(stdout.read() ?? '');
  return { console: new CustomConsole(stdout, stdout), printed };
}

describe('forwardConsole()', () => {
  test("adds to Jest's buffer what was said, with the author's positions", async () => {
    const bundle = await makeBundle(SOURCE);
    const console = new BufferedConsole();
    await forward(targetOf(console), bundle);
    const frame = `    at body (${bundle.file}:2:9)`;
    expect(console.getBuffer()).toEqual([
      {
        type: 'warn',
        message: expect.stringContaining(`Error: here\n${frame}`),
        origin: expect.stringMatching(/^ {4}at/),
      },
    ]);
    expect(console.getBuffer()?.[0]?.origin.split('\n')).toEqual([frame]);
  });

  test('prints at once when Jest is verbose, once', async () => {
    const { console, printed } = makeVerbose();
    await forward(targetOf(console, { verbose: true }), await makeBundle(SOURCE));
    const text = printed();
    expect(text.match(/console\.warn/g)).toHaveLength(1);
    expect(text).toContain('Error: here');
    expect(console.getBuffer()).toHaveLength(1);
  });

  test('says nothing when Jest is silent', async () => {
    const { console, printed } = makeVerbose();
    await forward(targetOf(console, { silent: true, verbose: true }), await makeBundle(SOURCE));
    expect([printed(), console.getBuffer()]).toEqual(['', undefined]);
  });

  test('gives the text to a console that is none of Jest', async () => {
    const said: unknown[] = [];
    const console = { log: (text: unknown) => said.push(text) } as unknown as Console;
    await forward(targetOf(console), await makeBundle(SOURCE));
    expect(said).toEqual([expect.stringContaining('Error: here')]);
  });
});
