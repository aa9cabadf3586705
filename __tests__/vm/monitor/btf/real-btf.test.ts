import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Btf } from '../../../../src/host/monitor/btf/btf';
import { hasMember, member } from '../../../../src/host/monitor/btf/layout';
import { parseBtf } from '../../../../src/host/monitor/btf/parse-btf';
import { readValue } from '../../../../src/host/monitor/btf/read-value';
import { renderCompact } from '../../../../src/host/monitor/btf/render-value';
import { get } from '../../../../src/host/monitor/btf/value';
import { temporaryFolder } from '../../../unit/host/kernel/kernel-files';
import { type PaholeStruct, paholeStructs } from './pahole';
import { btfOf, KERNELS, kernelBlob, moduleBlob, programElf } from './stored-btf';

/** Structs that the monitor reads; those of sched_ext only where the kernel has it. */
const READ_STRUCTS = ['task_struct', 'rq', 'cfs_rq', 'sched_entity', 'bpf_map', 'bpf_array', 'bpf_htab', 'bpf_prog'];
const SCHED_EXT_STRUCTS = ['sched_ext_entity', 'scx_dispatch_q', 'scx_rq', 'sched_ext_ops', 'scx_exit_info'];

type Row = [path: string, bitOffset: number, bitSize: number | null, sizeBytes: number];

function rowsOf(btf: Btf, struct: number, expected: PaholeStruct): Row[] {
  return expected.members.map(({ path }) => {
    const { offsetBytes, bitOffset, bitSize, sizeBytes, type } = member(btf, struct, path);
    return [path, offsetBytes * 8 + bitOffset, bitSize, bitSize === null ? sizeBytes : btf.sizeOf(type)];
  });
}

/** What of a struct differs from what pahole says; of several structs of one name, one has to agree. */
function differences(btf: Btf, expected: PaholeStruct): string[] {
  const theirs: Row[] = expected.members.map((m) => [m.path, m.bitOffset, m.bitSize, m.sizeBytes]);
  const wanted = JSON.stringify([expected.sizeBytes, theirs]);
  const found = [...btf.findAll('struct', expected.name)].map(({ id, sizeBytes }) => {
    return JSON.stringify([sizeBytes, rowsOrProblem(btf, id, expected)]);
  });
  return found.includes(wanted) ? [] : [`${expected.name}: ${found[0] ?? 'not found'}; pahole: ${wanted}`];
}

function rowsOrProblem(btf: Btf, struct: number, expected: PaholeStruct): Row[] | string {
  try {
    return rowsOf(btf, struct, expected);
  } catch (error) {
    return String(error);
  }
}

test('a kernel with sched_ext and one without are stored; npm run setup gets them', () => {
  expect(new Set(KERNELS.map(({ kernel }) => kernel.schedExt))).toEqual(new Set([true, false]));
});

test.each(KERNELS)('member() puts every member of every struct of $name where pahole does', async ({ kernel }) => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'btf');
  const blob = await kernelBlob(kernel);
  writeFileSync(file, blob);
  const btf = parseBtf(blob);
  const expected = paholeStructs(file);
  const names = new Set(expected.map(({ name }) => name));
  const wanted = kernel.schedExt ? [...READ_STRUCTS, ...SCHED_EXT_STRUCTS] : READ_STRUCTS;
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  // What pahole prints is taken apart by line: no struct may get lost.
  const own = [...btf.all('struct')].filter((struct) => struct.name !== '' && struct.members.length > 0);
  expect(own.filter((struct) => !names.has(struct.name)).map(({ name }) => name)).toEqual([]);
  expect(expected.flatMap((struct) => differences(btf, struct))).toEqual([]);
});

const MODULES = KERNELS.flatMap(({ kernel }) => kernel.modules.map((path) => ({ path, kernel })));

test.each(MODULES)('parseBtf() reads the split BTF of module $path', async ({ path, kernel }) => {
  using folder = temporaryFolder();
  const [file, base] = [join(folder.path, 'module'), join(folder.path, 'kernel')];
  const [blob, kernelBtf] = [await moduleBlob(path), await kernelBlob(kernel)];
  writeFileSync(file, blob);
  writeFileSync(base, kernelBtf);
  const btf = parseBtf(blob, parseBtf(kernelBtf));
  const own = [...btf.all('struct')].filter((struct) => struct.id >= btf.firstId && struct.name !== '');
  expect(own.length).toBeGreaterThan(0);
  const expected = paholeStructs(file, base).filter(({ name }) => own.some((struct) => struct.name === name));
  expect(new Set(expected.map(({ name }) => name))).toEqual(new Set(own.map(({ name }) => name)));
  expect(expected.flatMap((struct) => differences(btf, struct))).toEqual([]);
});

test.each(KERNELS)('readValue() reads every struct of $name from zero bytes', async ({ kernel }) => {
  const btf = parseBtf(await kernelBlob(kernel));
  const opaque = new Set<string>();
  for (const { id, sizeBytes } of btf.all('struct')) {
    const value = readValue(Buffer.alloc(sizeBytes), { btf, type: id, maxElements: 2, maxValues: 500 });
    for (const [, reason = ''] of renderCompact(value).matchAll(/<[^<>]*: (?:an? )?([^<>]*)>/g)) {
      opaque.add(reason);
    }
  }
  expect([...opaque]).toEqual([]);
});

test.each(KERNELS)('get() finds what was written where member() says, in a task of $name', async ({ kernel }) => {
  const btf = parseBtf(await kernelBlob(kernel));
  const task = btf.struct('task_struct');
  const bytes = Buffer.alloc(task.sizeBytes);
  bytes.write('kworker/u8:1\0', member(btf, task.id, 'comm').offsetBytes);
  bytes.writeInt32LE(4711, member(btf, task.id, 'pid').offsetBytes);
  bytes.writeBigUInt64LE(123_456_789_012n, member(btf, task.id, 'se.sum_exec_runtime').offsetBytes);
  const value = readValue(bytes, { btf, type: task.id });
  expect(get(value, 'comm')).toMatchObject({ kind: 'string', value: 'kworker/u8:1' });
  expect(get(value, 'pid')).toMatchObject({ kind: 'int', type: 'pid_t', value: 4711 });
  expect(get(value, 'se.sum_exec_runtime')).toMatchObject({ kind: 'int', value: 123_456_789_012n });
  expect(hasMember(btf, 'task_struct', 'scx.dsq')).toBe(kernel.schedExt);
});

/** Addresses of symbols by name. */
function symbolsOf(file: string): Map<string, { at: number; size: number; section: string }> {
  const lines = execFileSync('readelf', ['-sW', file], { encoding: 'utf8', maxBuffer: 2 ** 28 }).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, at = '', size = '', , , , section = '', name = ''] = line.trim().split(/\s+/);
      const isObject = /^[0-9a-f]{16}$/.test(at) && name !== '';
      return isObject ? [[name, { at: Number.parseInt(at, 16), size: Number(size), section }] as const] : [];
    }),
  );
}

const WITH_SYMBOLS = KERNELS.filter(({ kernel }) => kernel.vmlinux !== null);

test.each(WITH_SYMBOLS)('variables() puts the per-CPU variables of $name where the symbols are', async ({ kernel }) => {
  const btf = parseBtf(await kernelBlob(kernel));
  const symbols = symbolsOf(kernel.vmlinux ?? '');
  const start = symbols.get('__per_cpu_start')?.at ?? 0;
  const variables = btf.variables('.data..percpu');
  expect(variables.length).toBeGreaterThan(100);
  const strays = variables.filter(({ name, offset }) => (symbols.get(name)?.at ?? -1) - start !== offset);
  expect(strays).toEqual([]);
  expect(btf.variable('runqueues')).toMatchObject({ sizeBytes: btf.struct('rq').sizeBytes });
});

test('variables() puts the variables of the fixture scheduler where the symbols of its program are', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'program');
  const elf = programElf();
  writeFileSync(file, elf);
  const btf = parseBtf(btfOf(elf, 'the fixture scheduler'));
  const symbols = symbolsOf(file);
  for (const section of ['.bss', '.rodata']) {
    const found = btf.variables(section).map(({ name, offset, sizeBytes }) => ({ name, at: offset, size: sizeBytes }));
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(
      found.map(({ name }) => ({ name, at: symbols.get(name)?.at, size: symbols.get(name)?.size })),
    );
  }
  expect(btf.variable('stall')).toMatchObject({ section: '.bss', sizeBytes: 4 });
  expect(btf.variable('crash')).toMatchObject({ section: '.bss', sizeBytes: 4 });
  expect(btf.variables('.struct_ops.link').length).toBe(1);
  expect(btf.variables('.maps').map(({ name }) => name)).toContain('exited');
});
