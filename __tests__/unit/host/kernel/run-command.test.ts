import { describe, expect, test } from '@jest/globals';
import { runCommand } from '../../../../src/host/kernel/run-command';

const PLENTY_MS = 20_000;
const node = (program: string, options: { deadlineMs?: number; input?: Buffer } = {}) =>
  runCommand(process.execPath, ['-e', program], { purpose: 'try it', deadlineMs: PLENTY_MS, ...options });

describe('runCommand()', () => {
  test('collects both outputs and passes the input', async () => {
    const { stdout, stderr } = await node('process.stdin.pipe(process.stdout); console.error("aside")', {
      input: Buffer.from('through'),
    });
    expect([stdout.toString(), stderr.toString()]).toEqual(['through', 'aside\n']);
  });

  test('does not mind a command that leaves its input unread', async () => {
    const { stdout } = await node('console.log("done")', { input: Buffer.alloc(1 << 20) });
    expect(stdout.toString()).toBe('done\n');
  });

  test('fails with status and the end of what was said', async () => {
    const program = 'for (let i = 0; i < 99; i++) console.error(`line ${i}`); process.exitCode = 3';
    await expect(node(program)).rejects.toMatchObject({
      code: 'command-failed',
      fields: {
        purpose: 'try it',
        reason: 'it exited with status 3',
        output: expect.stringMatching(/^line 84\n[^]*line 98$/),
      },
    });
  });

  test('fails with the signal when the command was ended by one', async () => {
    await expect(node('process.kill(process.pid, "SIGKILL")')).rejects.toMatchObject({
      fields: { reason: 'it was ended by SIGKILL' },
    });
  });

  test('ends a command that outlives its deadline', async () => {
    await expect(node('setInterval(() => {}, 1000)', { deadlineMs: 200 })).rejects.toMatchObject({
      fields: { reason: 'it did not end within 200 ms' },
    });
  });

  test('says so when the command is not installed', async () => {
    const run = runCommand('no-such-command', [], { purpose: 'try it', deadlineMs: PLENTY_MS });
    await expect(run).rejects.toMatchObject({ fields: { reason: 'the command no-such-command is not installed' } });
  });
});
