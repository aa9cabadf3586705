import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Messages } from '../../../src/protocol/messages';

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ktstr-departing-'));
  const options = { bundle: true, platform: 'node', target: 'node20' } as const;
  await build({ ...options, entryPoints: [join(__dirname, 'departing-child.ts')], outfile: join(folder, 'child.js') });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How a process that runs this code departs. */
function departureOf(code: string): Promise<Messages['departure']> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [join(folder, 'child.js'), code], { timeout: 10_000 }, (error, stdout) => {
      if (error?.signal === 'SIGKILL' && stdout !== '') resolve(JSON.parse(stdout) as Messages['departure']);
      else reject(new Error(`it did not depart: ${stdout}`, { cause: error }));
    });
  });
}

describe('watchDepartures()', () => {
  test.each([
    { code: 'process.exit(3)', how: 'process.exit', status: 3 },
    { code: `process.exit('4')`, how: 'process.exit', status: 4 },
    { code: 'process.exit()', how: 'process.exit', status: 0 },
    { code: 'process.exitCode = 5; process.exit()', how: 'process.exit', status: 5 },
    { code: 'try { process.exit(6) } finally { process.exit(7) }', how: 'process.exit', status: 6 },
    { code: 'process.abort()', how: 'process.abort', status: null },
    { code: 'process.kill(process.pid)', how: expect.stringMatching(/^process\.kill\(\d+, SIGTERM\)$/), status: null },
    { code: 'process.kill(process.pid, 9)', how: expect.stringMatching(/^process\.kill\(\d+, 9\)$/), status: null },
  ])('reports $code with the line that did it, before it takes effect', async ({ code, how, status }) => {
    const { stack, ...departure } = await departureOf(code);
    expect(departure).toEqual({ how, code: status });
    expect(stack.split('\n').find((line) => line.startsWith('    at '))).toMatch(/^ {4}at leaver \(/);
  });

  test.each([
    { name: 'nothing is left to do', code: '', status: 0 },
    { name: 'nothing is left to do but to fail', code: 'process.exitCode = 2', status: 2 },
    { name: 'only others were asked whether they live', code: 'process.kill(process.pid, 0)', status: 0 },
  ])('reports an empty event loop when $name', async ({ code, status }) => {
    expect(await departureOf(code)).toEqual({ how: 'an empty event loop', code: status, stack: '' });
  });
});
