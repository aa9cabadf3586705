import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { cpioArchive } from '../../../initramfs/cpio';
import { readCpio } from './read-cpio';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();

test('a stripped copy of the Node that runs this test runs, and is smaller', () => {
  const archive = cpioArchive([
    { kind: 'file', guestPath: '/node', mode: 0o755, hostPath: process.execPath, strip: true },
  ]);
  const [node] = readCpio(archive);
  writeFileSync(temp.path('node'), node?.content ?? '', { mode: 0o755 });
  expect(execFileSync(temp.path('node'), ['-p', '[1, 2].map((n) => n * 21)'], { encoding: 'utf8' })).toBe(
    '[ 21, 42 ]\n',
  );
  expect(statSync(temp.path('node')).size).toBeLessThan(statSync(process.execPath).size);
});
