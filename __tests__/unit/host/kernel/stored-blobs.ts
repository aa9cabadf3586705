import type { NewKernel } from '../../../../src/host/kernel/store';

/** Metadata of a stored kernel with one module, as a fetch of the distribution's gives it. */
export function newKernel(changes: Partial<NewKernel> = {}): NewKernel {
  const release = changes.release ?? '6.12.1';
  return {
    ...{ key: release, release, arch: 'x86_64', image: 'vmlinuz', vmlinux: null, source: `test ${release}` },
    ...{ builtAt: '2026-01-01T00:00:00.000Z', configHash: '0123', schedExt: false, btf: true, events: false },
    ...{ modules: ['modules/ring.ko'], absent: [], schedulers: [] },
    ...changes,
  };
}

/** The whole entry: its files by path, with the metadata that fits them. */
export function entryFiles(
  files: Record<string, string | Buffer>,
  changes: Partial<NewKernel> = {},
): Record<string, string | Buffer> {
  const sizes = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, content.length]));
  return { ...files, 'metadata.json': JSON.stringify({ ...newKernel(changes), sizes }) };
}
