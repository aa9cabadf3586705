import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';

import { runInOuterMachine, type OuterResult } from '../../../nested/outer-machine';

/** Descriptors of QEMU: the two outputs of the program, and the lines of init. */
const [OUT, CONTROL, CONSOLE] = [3, 5, 6];

describe('runInOuterMachine(), with a shell script for QEMU,', () => {
  let folder: string;
  const path = process.env['PATH'];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ktstr-nested-'));
    process.env['PATH'] = `${folder}:${path}`;
  });

  afterAll(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });

  async function run(script: string): Promise<OuterResult & { printed: string }> {
    writeFileSync(join(folder, 'qemu-system-x86_64'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    let printed = '';
    const out = new Writable({
      write(chunk, _encoding, done) {
        printed += String(chunk);
        done();
      },
    });
    const ended = await runInOuterMachine({
      kernel: { image: '/dev/null', modules: [] },
      program: { argv: ['/bin/true'], env: { A: 'b' }, folder, sharedFolder: folder },
      ...{ out, err: out, result: /\bPASS\b/, deadlineMs: 10_000, consoleLog: join(folder, 'console.log') },
    });
    return { ...ended, printed };
  }

  test('passes on what the program prints, and how it ended', async () => {
    const ended = await run(
      `echo ready >&${CONTROL}; echo ' PASS a' >&${OUT}; echo exit 3 >&${CONTROL}; exec sleep 20`,
    );
    expect(ended).toMatchObject({ end: { kind: 'exit', code: 3 }, hasReported: true, printed: ' PASS a\n' });
    expect(ended.bootMs).toEqual(expect.any(Number));
  });

  test('tells a machine that ended by itself from a program that ended, with the end of its console', async () => {
    const ended = await run(`echo ready >&${CONTROL}; echo RUNS >&${OUT}; echo Oops >&${CONSOLE}`);
    expect(ended).toMatchObject({ end: { kind: 'lost' }, hasReported: false });
    expect(ended.end).toMatchObject({ reason: expect.stringMatching(/^the machine ended by itself\n {2}Oops$/) });
    expect(readFileSync(join(folder, 'console.log'), 'utf8')).toBe('Oops\n');
  });

  test('takes a result whose word comes in two pieces for one', async () => {
    const ended = await run(
      `echo ready >&${CONTROL}; printf ' PA' >&${OUT}; sleep 0.3; printf 'SS' >&${OUT}; sleep 0.3`,
    );
    expect(ended).toMatchObject({ end: { kind: 'lost' }, hasReported: true });
  });

  test('takes what init could not do for a failure that comes again', async () => {
    const ended = await run(`echo 'fault /host: No such device' >&${CONTROL}; exec sleep 20`);
    expect(ended).toMatchObject({ end: { kind: 'failed' }, bootMs: null });
  });
});
