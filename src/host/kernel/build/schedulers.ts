import { existsSync, readdirSync } from 'node:fs';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Toolchain } from './toolchain';
import type { Workshop } from './workshop';

const DEADLINE_MS = 1_800_000;
const STAGE = 'build the example schedulers';

/** Headers of the kernel's user interface that those of libbpf include, and that are older on many systems. */
const KERNEL_HEADERS = ['bpf.h', 'bpf_common.h', 'btf.h', 'perf_event.h'];

/**
 * Parts of bpftool that depend on what happens to be installed: its disassembler would tie it to a version of LLVM, and its profiler
 * would need llvm-strip.
 */
const PLAIN_BPFTOOL = ['llvm', 'libbfd', 'libcap', 'clang-bpf-co-re'].map((feature) => `feature-${feature}=0`);

/**
 * Builds the example schedulers of the kernel tree into `schedulers/` of the entry, and puts into `bpf-dev/` what compiles other
 * schedulers for this kernel: include/ (libbpf, scx, vmlinux.h), lib/libbpf.a, bin/bpftool.
 * @returns the names of the schedulers, or why there are none
 */
export async function buildSchedulers(
  workshop: Workshop,
  { tree, entry, clang }: { tree: string; entry: string; clang: Toolchain['clang'] },
): Promise<string[] | string> {
  const sources = join(tree, 'tools/sched_ext');
  if (!existsSync(join(sources, 'Makefile'))) return 'this source has no tools/sched_ext';
  if (clang === null) return 'there is no clang of version 17 or later, install clang-19 and build again';
  const out = join(workshop.folder, 'scx');
  await mkdir(out);
  const variables = [`O=${out}`, `CLANG=${clang.command}`, `VMLINUX_BTF=${join(workshop.out, 'vmlinux')}`];
  const args = ['-C', sources, `-j${availableParallelism()}`, ...variables, ...PLAIN_BPFTOOL];
  await workshop.run('make', args, { stage: STAGE, deadlineMs: DEADLINE_MS });
  const built = join(out, 'build');
  await takeDevelopmentKit({ tree, built }, join(entry, 'bpf-dev'));
  const names = readdirSync(join(built, 'bin')).sort();
  await mkdir(join(entry, 'schedulers'));
  for (const name of names) await copyFile(join(built, 'bin', name), join(entry, 'schedulers', name));
  const programs = [...names.map((name) => join(entry, 'schedulers', name)), join(entry, 'bpf-dev/bin/bpftool')];
  await workshop.run('strip', ['--strip-debug', ...programs, join(entry, 'bpf-dev/lib/libbpf.a')], {
    stage: STAGE,
    deadlineMs: DEADLINE_MS,
  });
  return names;
}

async function takeDevelopmentKit(from: { tree: string; built: string }, kit: string): Promise<void> {
  const include = join(kit, 'include');
  const scx = join(from.tree, 'tools/sched_ext/include');
  for (const folder of ['include/linux', 'lib', 'bin']) await mkdir(join(kit, folder), { recursive: true });
  await cp(scx, include, { recursive: true });
  await cp(join(from.built, 'include/bpf'), join(include, 'bpf'), { recursive: true });
  await copyFile(join(from.built, 'include/vmlinux.h'), join(include, 'vmlinux.h'));
  for (const header of KERNEL_HEADERS)
    await copyFile(join(from.tree, 'tools/include/uapi/linux', header), join(include, 'linux', header));
  await copyFile(join(from.built, 'obj/libbpf/libbpf.a'), join(kit, 'lib/libbpf.a'));
  await copyFile(join(from.built, 'sbin/bpftool'), join(kit, 'bin/bpftool'));
}
