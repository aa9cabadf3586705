import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { StepLines, type Doing } from '../../../setup/step-lines';

/** What is written while the work runs; times are replaced, as they differ. */
async function written(isTTY: boolean, work: (doing: Doing) => Promise<string>): Promise<string> {
  const out = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  await new StepLines(out).run('kernel', work).catch(() => undefined);
  const text = (out as unknown as PassThrough).read() as Buffer | null;
  return (text ?? '').toString().replace(/\d+\.\d s/g, '0.0 s');
}

describe('StepLines.run()', () => {
  test('writes what is done and one line for each activity when it is no terminal', async () => {
    const text = await written(false, async (doing) => {
      doing('download', 0.1);
      doing('download', 0.2);
      doing('unpack');
      return 'fetched 6.12';
    });
    expect(text.split('\n')).toEqual([
      '  ..  kernel           download',
      '  ..  kernel           unpack',
      '  ok  kernel            0.0 s  fetched 6.12',
      '',
    ]);
  });

  test('writes the count at each quarter when it is no terminal', async () => {
    const text = await written(false, async (doing) => {
      for (const done of [1, 2, 3, 4, 7, 8]) doing('compile', done / 8, `${done} of 8 files`);
      return 'built';
    });
    const lines = [
      'compile',
      'compile: 2 of 8 files',
      'compile: 4 of 8 files',
      'compile: 7 of 8 files',
      'compile: 8 of 8 files',
    ];
    expect(text.split('\n').slice(0, -2)).toEqual(lines.map((line) => `  ..  kernel           ${line}`));
  });

  test('shows the count beside the bar on a terminal', async () => {
    const text = await written(true, async (doing) => {
      doing('compile', 0.5, '4 of 8 files');
      return 'built';
    });
    expect(text).toContain('50 %  4 of 8 files');
  });

  test('ends with one line on a terminal', async () => {
    const text = await written(true, async (doing) => {
      doing('download', 0.5);
      return 'fetched 6.12';
    });
    expect(text).toContain('50 %');
    expect(text.split('\n')).toHaveLength(2);
    expect(text.endsWith('\r\x1b[2K  ok  kernel            0.0 s  fetched 6.12\n')).toBe(true);
  });

  test('leaves the activity and no ok line when the work fails', async () => {
    const text = await written(false, async (doing) => {
      doing('download');
      throw new Error('no network');
    });
    expect(text).toBe('  ..  kernel           download\n');
  });
});
