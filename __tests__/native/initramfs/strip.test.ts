import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpioArchive } from '../../../initramfs/cpio';
import type { ImageEntry } from '../../../initramfs/image-entry';
import { readCpio } from '../../unit/initramfs/read-cpio';

/** An addon by Node's binary interface alone, so that no headers are needed. */
const ADDON = `
typedef void *handle;
int napi_create_int32(handle env, int value, handle *result);
int napi_set_named_property(handle env, handle object, const char *name, handle value);
__attribute__((visibility("default"))) handle napi_register_module_v1(handle env, handle exports)
{
	handle value;

	napi_create_int32(env, 42, &value);
	napi_set_named_property(env, exports, "answer", value);
	return exports;
}
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktstr-strip-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a stripped Node loads a stripped addon', () => {
  writeFileSync(join(folder, 'addon.c'), ADDON);
  execFileSync('cc', ['-shared', '-fPIC', '-g', '-o', join(folder, 'addon.so'), join(folder, 'addon.c')]);
  const entries = [
    { guestPath: '/addon.node', hostPath: join(folder, 'addon.so') },
    { guestPath: '/node', hostPath: process.execPath },
  ].map((file): ImageEntry => ({ kind: 'file', mode: 0o755, strip: true, ...file }));
  for (const { path, content } of readCpio(cpioArchive(entries))) {
    writeFileSync(join(folder, path), content, { mode: 0o755 });
  }
  const program = 'const m = { exports: {} }; process.dlopen(m, process.argv[1]); console.log(m.exports.answer)';
  const output = execFileSync(join(folder, 'node'), ['-e', program, join(folder, 'addon.node')], { encoding: 'utf8' });
  expect(output).toBe('42\n');
});
