import { describe, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { checkQemu, hasMachine, qemuVersion } from '../../../../src/host/doctor/qemu';
import type { Tool } from '../../../../src/host/doctor/tools';
import { temporaryFolder, writeTree } from '../kernel/kernel-files';

test.each([
  ['Debian', 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright (c) 2003-2022', '7.2.22'],
  ['upstream', 'QEMU emulator version 10.1.0\n', '10.1.0'],
  ['a candidate after a warning', 'warning: x\nQEMU emulator version 9.2.0-rc1 (v9.2.0-rc1)', '9.2.0'],
  ['no QEMU', 'it exited with status 1', null],
])('qemuVersion() reads the version of %s', (_, text, version) => {
  expect(qemuVersion(text)).toBe(version);
});

test.each([
  ['a list that has it', 'Supported machines are:\nmicrovm              microvm (i386)\nq35  Standard PC\n', true],
  ['a list that only mentions it', 'Supported machines are:\nq35                  not a microvm\n', false],
])('hasMachine() reads %s', (_, list, there) => {
  expect(hasMachine(list, 'microvm')).toBe(there);
});

describe('checkQemu()', () => {
  const firmware: Tool = {
    ...{ what: 'bios-microvm.bin', why: 'is the firmware', debianPackage: 'seabios', remedy: 'get seabios' },
    ...{ when: 'run', place: null },
  };

  /** Status and text by name, on a machine whose QEMU is that shell script. */
  async function check(script: string | null) {
    using folder = temporaryFolder();
    const path = join(writeTree(folder.path, { qemu: `#!/bin/sh\n${script}\n` }), 'qemu');
    chmodSync(path, 0o755);
    const place = script === null ? null : path;
    const qemu: Tool = { ...firmware, what: 'qemu-system-x86_64', remedy: 'get QEMU', place };
    const checks = await checkQemu([qemu, firmware]);
    return Object.fromEntries(checks.map(({ name, status, remedy }) => [name, { status, remedy }]));
  }

  const install = 'get QEMU';
  const noFirmware = { status: 'missing', remedy: 'get seabios' };
  const good = { status: 'ok', remedy: null };

  test('names the package of QEMU and of its firmware when there are none', async () => {
    const missing = { status: 'missing', remedy: install };
    expect(await check(null)).toEqual({ qemu: missing, 'qemu-microvm': missing, 'bios-microvm.bin': noFirmware });
  });

  test('is ok for a QEMU that has microvm', async () => {
    const script = `[ $1 = --version ] && echo QEMU emulator version 8.0.0 || printf 'Supported machines are:\\nmicrovm x\\n'`;
    expect(await check(script)).toEqual({ qemu: good, 'qemu-microvm': good, 'bios-microvm.bin': noFirmware });
  });

  test('refuses a QEMU without microvm', async () => {
    const script = `[ $1 = --version ] && echo QEMU emulator version 8.0.0 || printf 'Supported machines are:\\nq35 x\\n'`;
    const refused = { status: 'missing', remedy: `take the QEMU of the distribution: ${install}` };
    expect(await check(script)).toMatchObject({ qemu: good, 'qemu-microvm': refused });
  });

  test('refuses a QEMU that does not start', async () => {
    expect(await check('echo no library >&2; exit 127')).toMatchObject({ qemu: { status: 'missing' } });
  });
});
