import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { constants, fstatSync, readFileSync, writeSync } from 'node:fs';
import { AnonymousFile } from '../../../../src/host/machine/anonymous-file';

const MIB = 1024 * 1024;

describe('AnonymousFile', () => {
  test('has no name, so that nothing is left of it however its holders end', () => {
    using file = new AnonymousFile(MIB);
    expect(fstatSync(file.fd).nlink).toBe(0);
  });

  test('is one file by all its descriptors and paths, those of a child process too', () => {
    using file = new AnonymousFile(MIB);
    writeSync(file.reopen(constants.O_WRONLY), 'written');
    expect(readFileSync(file.path, 'utf8')).toBe('written');
    expect(execFileSync('cat', [file.pathForChildren], { encoding: 'utf8' })).toBe('written');
  });

  test('keeps the access mode of a second descriptor', () => {
    using file = new AnonymousFile(MIB);
    const fd = file.reopen(constants.O_RDONLY);
    expect(() => writeSync(fd, 'x')).toThrow(/EBADF/);
  });

  test('closes all its descriptors with it', () => {
    const file = new AnonymousFile(MIB);
    const descriptors = [file.fd, file.reopen(constants.O_RDONLY)];
    file[Symbol.dispose]();
    for (const fd of descriptors) expect(() => fstatSync(fd)).toThrow(/EBADF/);
  });

  test('closes nothing of others when it is disposed of again', () => {
    const file = new AnonymousFile(MIB);
    const { fd } = file;
    file[Symbol.dispose]();
    using other = new AnonymousFile(MIB);
    expect(other.fd).toBe(fd);
    file[Symbol.dispose]();
    expect(fstatSync(other.fd).isFile()).toBe(true);
  });

  test('refuses a size that fits nowhere, saying how much room there is where', () => {
    expect(() => new AnonymousFile(2 ** 60)).toThrow(
      expect.objectContaining({
        code: 'no-space',
        fields: { neededMib: 2 ** 40, tried: [expect.stringMatching(/^\/dev\/shm\b/), expect.any(String)] },
      }),
    );
  });
});
