import { afterEach, describe, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { findToolchain } from '../../../../../src/host/kernel/build/toolchain';
import { temporaryFolder, writeTree } from '../kernel-files';

const PATH = process.env['PATH'];

afterEach(() => {
  process.env['PATH'] = PATH;
});

/** Makes these compilers the only ones; each says its version. */
function withCompilers(folder: string, versions: Record<string, string>): void {
  for (const [name, version] of Object.entries(versions)) {
    writeTree(folder, { [name]: `#!/bin/sh\necho '${version}'\necho more\n` });
    chmodSync(join(folder, name), 0o755);
  }
  process.env['PATH'] = folder;
}

describe('findToolchain()', () => {
  test.each([
    [
      'the newest versioned clang',
      {
        'clang-17': 'Debian clang version 17.0.6',
        'clang-19': 'Debian clang version 19.1.7',
        clang: 'clang version 14.0.6',
      },
      { command: 'clang-19', version: 'Debian clang version 19.1.7' },
    ],
    ['the plain one', { clang: 'clang version 18.1.0' }, { command: 'clang', version: 'clang version 18.1.0' }],
    ['none that is too old', { clang: 'clang version 14.0.6' }, null],
    ['none where there is none', {}, null],
  ])('takes %s', async (_, clangs, clang) => {
    using folder = temporaryFolder();
    withCompilers(folder.path, { gcc: 'gcc (Debian 12.2.0-14) 12.2.0', ...clangs });
    expect(await findToolchain()).toEqual({ compiler: 'gcc (Debian 12.2.0-14) 12.2.0', clang });
  });

  test('fails without a C compiler', async () => {
    using folder = temporaryFolder();
    withCompilers(folder.path, {});
    await expect(findToolchain()).rejects.toMatchObject({ code: 'command-failed' });
  });
});
