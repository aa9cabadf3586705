import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { describeImage } from '../../../../src/host/kernel/describe-image';
import { bzImage, elfKernel } from './kernel-blobs';
import { temporaryFolder, writeTree } from './kernel-files';

const RELEASE = '6.12.117+deb12-cloud-amd64';
const CHUNK_BYTES = 4 << 20;

async function describeContent(content: Buffer) {
  using folder = temporaryFolder();
  writeTree(folder.path, { image: content });
  return await describeImage(join(folder.path, 'image'));
}

describe('describeImage()', () => {
  test.each([
    ['a bzImage', bzImage(`${RELEASE} (builder@host) #1 SMP`), { format: 'bzImage', release: RELEASE }],
    ['a bzImage with the release alone', bzImage('6.12.0'), { format: 'bzImage', release: '6.12.0' }],
    ['an ELF kernel', elfKernel(`Linux version ${RELEASE} (builder@host)`), { format: 'elf', release: RELEASE }],
    [
      'an ELF kernel whose text lies across two reads',
      elfKernel(`Linux version ${RELEASE} (builder@host)`, { offset: CHUNK_BYTES + 250 }),
      { format: 'elf', release: RELEASE },
    ],
    [
      'an ELF kernel that holds the format of the text before the text',
      elfKernel(`Linux version %s (x)\0Linux version ${RELEASE} (builder@host)`),
      { format: 'elf', release: RELEASE },
    ],
  ])('reads format and release of %s', async (_, content, expected) => {
    expect(await describeContent(content)).toEqual(expected);
  });

  test.each([
    ['an empty file', Buffer.alloc(0), 'it is empty'],
    ['a text', Buffer.from('#!/bin/sh\n'), '23212f62'],
    ['a bzImage that ends within its header', bzImage('6.12.0').subarray(0, 0x206), 'ends within its header'],
    ['a bzImage of an old protocol', bzImage('6.12.0', (image) => image.writeUInt16LE(0x1ff, 0x206)), '0x1ff'],
    [
      'a bzImage without version pointer',
      bzImage('6.12.0', (image) => image.writeUInt16LE(0, 0x20e)),
      'no kernel version',
    ],
    ['a bzImage with an empty version', bzImage(''), 'no kernel version'],
    [
      'a bzImage whose pointer leads out',
      bzImage('6', (image) => image.writeUInt16LE(0xfff0, 0x20e)),
      'no kernel version',
    ],
    ['an ELF kernel of another machine', elfKernel('Linux version 6.12.0 (x)', { machine: 183 }), 'machine 183'],
    ['an ELF program', elfKernel('hello'), 'without "Linux version"'],
  ])('refuses %s', async (_, content, reason) => {
    await expect(describeContent(content)).rejects.toMatchObject({
      code: 'kernel-image-unusable',
      fields: { reason: expect.stringContaining(reason) },
    });
  });

  test('names the reason when the file cannot be opened', async () => {
    await expect(describeImage('/nonexistent/vmlinuz')).rejects.toMatchObject({
      code: 'kernel-image-unusable',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
