import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { BuildSource } from '../../../../../src/host/kernel/build/build-source';
import {
  buildRequest,
  estimateFiles,
  kernelKey,
  readRecord,
  writeRecord,
} from '../../../../../src/host/kernel/build/build-request';
import type { Toolchain } from '../../../../../src/host/kernel/build/toolchain';
import { temporaryFolder, writeTree } from '../kernel-files';

const source = (identity: string): BuildSource => ({
  ...{ name: 'linux-source', source: 'debian linux-source-6.12 1', identity },
  unpack: async () => '',
});
const GCC: Toolchain = { compiler: 'gcc 12', clang: null };
const FINAL = { release: '6.12.117', configHash: '00' };

describe('buildRequest()', () => {
  const id = (identity: string, toolchain: Toolchain, configs: string[]) =>
    buildRequest(source(identity), toolchain, configs).id;

  test('is another one for another source, compiler, clang, or content of a fragment', () => {
    using folder = temporaryFolder();
    writeTree(folder.path, { a: 'CONFIG_A=y\n', same: 'CONFIG_A=y\n', b: 'CONFIG_B=y\n' });
    const [a, same, b] = ['a', 'same', 'b'].map((name) => join(folder.path, name)) as [string, string, string];
    const ids = [
      id('1', GCC, []),
      id('2', GCC, []),
      id('1', { ...GCC, compiler: 'gcc 13' }, []),
      id('1', { ...GCC, clang: { command: 'clang-19', version: 'clang 19' } }, []),
      id('1', GCC, [a]),
      id('1', GCC, [b]),
      id('1', GCC, [a, b]),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(id('1', GCC, [same])).toBe(id('1', GCC, [a]));
  });

  test('names a fragment that does not exist', () => {
    expect(() => buildRequest(source('1'), GCC, ['/nonexistent'])).toThrow(
      '"/nonexistent": the fragment does not exist',
    );
  });
});

describe('kernelKey()', () => {
  const request = buildRequest(source('1'), GCC, []);

  test('is readable', () => {
    expect(kernelKey(request, FINAL)).toMatch(/^6\.12\.117-linux-source-x86_64-[0-9a-f]{8}$/);
  });

  test('is another one for another source, configuration, or compiler', () => {
    const keys = [
      kernelKey(request, FINAL),
      kernelKey(request, { ...FINAL, configHash: '01' }),
      kernelKey(buildRequest(source('2'), GCC, []), FINAL),
      kernelKey(buildRequest(source('1'), { ...GCC, compiler: 'gcc 13' }, []), FINAL),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('estimateFiles()', () => {
  test('is what the last build of the request made, else what another one made', () => {
    using folder = temporaryFolder();
    expect(estimateFiles(folder.path, 'a')).toBeGreaterThan(2_000);
    writeRecord(folder.path, 'b', { key: 'k', madeFiles: 7 });
    expect(estimateFiles(folder.path, 'a')).toBe(7);
    writeRecord(folder.path, 'a', { key: 'k', madeFiles: 5 });
    expect(estimateFiles(folder.path, 'a')).toBe(5);
  });
});

describe('readRecord()', () => {
  test('passes over what is not there or garbled', () => {
    using folder = temporaryFolder();
    writeTree(folder.path, { 'a.json': '{' });
    expect([readRecord(folder.path, 'a'), readRecord(folder.path, 'b')]).toEqual([undefined, undefined]);
  });
});
