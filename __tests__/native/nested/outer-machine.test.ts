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
      ...{ out, err: out, deadlineMs: 10_000, timeDilation: 1, consoleLog: join(folder, 'console.log') },
    });
    return { ...ended, printed };
  }

  test('passes on what the program prints, and how it ended', async () => {
    const ended = await run(
      `echo ready >&${CONTROL}; echo ' PASS a' >&${OUT}; echo exit 3 >&${CONTROL}; exec sleep 20`,
    );
    expect(ended).toMatchObject({ end: { kind: 'exit', code: 3 }, printed: ' PASS a\n' });
    expect(ended.bootMs).toEqual(expect.any(Number));
  });

  test('tells a machine that ended by itself from a program that ended, with the end of its console', async () => {
    const ended = await run(
      `echo ready >&${CONTROL}; echo RUNS >&${OUT}; echo Oops >&${CONSOLE}; echo no such device >&2`,
    );
    expect(ended.end).toEqual({
      kind: 'lost',
      reason: 'it ended by itself (code 0)',
      lastSeen: '  Oops\n  no such device',
    });
    expect(readFileSync(join(folder, 'console.log'), 'utf8')).toBe('Oops\n');
  });

  test('takes what init could not do for a failure that comes again', async () => {
    const ended = await run(`echo 'fault /host: No such device' >&${CONTROL}; exec sleep 20`);
    expect(ended).toMatchObject({ end: { kind: 'failed' }, bootMs: null });
  });
});
