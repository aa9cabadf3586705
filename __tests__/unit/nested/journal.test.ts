import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readJournal } from '../../../nested/journal';

function read(lines: readonly string[]): object {
  const folder = mkdtempSync(join(tmpdir(), 'ktstr-journal-'));
  try {
    const path = join(folder, 'journal.jsonl');
    writeFileSync(path, lines.join('\n'));
    return Object.fromEntries(readJournal(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const END_OF_A = '{"file":"a","passed":3,"failed":1,"skipped":2}';
const FAILURE = '{"file":"a","failedTest":"one"}';

describe('readJournal()', () => {
  test('gives the counts of files that have ended, whatever it was told of them before', () => {
    expect(read([FAILURE, END_OF_A, ''])).toEqual({ a: { passed: 3, failed: 1, skipped: 2 } });
  });

  test('gives failures of a file that has not ended', () => {
    expect(read([FAILURE, FAILURE, ''])).toEqual({ a: { passed: 0, failed: 2, skipped: 0 } });
  });

  test('leaves out a line that was cut off', () => {
    expect(read([END_OF_A, '{"file":"b","pas'])).toEqual({ a: { passed: 3, failed: 1, skipped: 2 } });
  });

  test('gives nothing when there is no journal', () => {
    expect(readJournal('/nonexistent/journal.jsonl').size).toBe(0);
  });
});
