import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { buildSuffix } from '../../../initramfs/suffix';
import { readCpio } from './read-cpio';

test('buildSuffix() gives a whole archive and its digest', () => {
  const { archive, sha256 } = buildSuffix([
    { kind: 'content', guestPath: '/ktstr/request.json', mode: 0o444, content: '{}' },
    { kind: 'content', guestPath: '/ktstr/test.js', mode: 0o444, content: '1' },
  ]);
  expect(readCpio(archive).map((member) => member.path)).toEqual(['ktstr', 'ktstr/request.json', 'ktstr/test.js']);
  expect(sha256).toBe(createHash('sha256').update(archive).digest('hex'));
});
