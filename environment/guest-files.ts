import { basename, join, resolve } from 'node:path';

import { isElf } from '../initramfs/elf';
import type { HostFileEntry, ImageEntry } from '../initramfs/image-entry';
import { withLibraries, type Manifest } from '../initramfs/manifest';
import type { Kernel } from '../src/host/kernel/find';
import { nativeProgram, packageRoot } from '../src/package-root';
import { GUEST_PATHS, type RunRequest } from '../src/spec/declare/run-request';
import { TIME_SCALE } from '../src/spec/time-scale';

const NODE = '/ktstr/node';

/**
 * V8 without background threads: they would be ordinary tasks, which a broken scheduler can starve, while the main thread is SCHED_FIFO
 * and would wait for them.
 */
const NODE_ARGV = [NODE, '--single-threaded', GUEST_PATHS.runtime];

const EXECUTABLE = 0o755;
const READABLE = 0o644;

/** What goes into the base image: init, Node with its libraries, the runtime, the worker kit, the kernel's modules. */
export function baseEntries(kernel: Kernel): ImageEntry[] {
  const modules = kernel.modules.map((hostPath, index) => hostFile(`/ktstr/modules.d/${index}.ko`, hostPath, READABLE));
  return [
    hostFile('/init', nativeProgram('guest/init'), EXECUTABLE),
    { ...hostFile(NODE, process.execPath, EXECUTABLE), strip: true },
    hostFile(GUEST_PATHS.runtime, join(packageRoot(), 'dist/guest-runtime.js'), READABLE),
    hostFile(GUEST_PATHS.kit, nativeProgram('guest/kit.node'), EXECUTABLE),
    hostFile(GUEST_PATHS.workers, nativeProgram('guest/workers'), EXECUTABLE),
    textFile('/ktstr/argv', NODE_ARGV),
    textFile(
      '/ktstr/modules',
      modules.map((module) => module.guestPath),
    ),
    ...modules,
  ];
}

export interface SuffixParts {
  request: RunRequest;
  bundle: string;
  includes: Manifest;
  schedulers: Manifest;
  /** Where the base put the libraries of its programs. */
  libraryDirs: readonly string[];
  /** Of the guest's own limits. */
  timeScale: number;
}

/** What goes into the suffix of one run. */
export function suffixEntries({
  request,
  bundle,
  includes,
  schedulers,
  libraryDirs,
  timeScale,
}: SuffixParts): ImageEntry[] {
  const allDirs = [...new Set([...libraryDirs, ...includes.libraryDirs, ...schedulers.libraryDirs])];
  return [
    { kind: 'content', guestPath: GUEST_PATHS.request, mode: READABLE, content: JSON.stringify(request) },
    { kind: 'content', guestPath: GUEST_PATHS.bundle, mode: READABLE, content: bundle },
    textFile('/ktstr/env', [
      `PATH=${GUEST_PATHS.includeFiles}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      'HOME=/root',
      `LD_LIBRARY_PATH=${allDirs.join(':')}`,
      ...(timeScale === 1 ? [] : [`${TIME_SCALE}=${timeScale}`]),
    ]),
    ...includes.entries,
    ...schedulers.entries,
  ];
}

/** Include files by their base name, with what their executables need. @param rootDir what paths are relative to */
export function includeManifest(paths: readonly string[], rootDir: string, base: readonly ImageEntry[]): Manifest {
  const files = paths.map((path) =>
    hostFile(`${GUEST_PATHS.includeFiles}/${basename(path)}`, resolve(rootDir, path), EXECUTABLE),
  );
  return beyondBase(files, base);
}

/** The programs of a test's schedulers by their names, with what they need, and what starts those with a limit of the watchdog. */
export function schedulerManifest(
  programs: ReadonlyMap<string, string>,
  { base, hasWatchdog }: { base: readonly ImageEntry[]; hasWatchdog: boolean },
): Manifest {
  const starter = hasWatchdog ? [hostFile(GUEST_PATHS.watchdog, nativeProgram('guest/watchdog'), EXECUTABLE)] : [];
  const files = [...programs].map(([name, hostPath]) => ({
    ...hostFile(`${GUEST_PATHS.schedulers}/${name}`, hostPath, EXECUTABLE),
    strip: isElf(hostPath),
  }));
  return beyondBase([...starter, ...files], base);
}

/** Files with the libraries that the executables among them need and the base has not. */
function beyondBase(files: readonly HostFileEntry[], base: readonly ImageEntry[]): Manifest {
  if (files.length === 0) return { entries: [], libraryDirs: [] };
  const inBase = new Set(withLibraries(base).entries.map((entry) => entry.guestPath));
  const { entries, libraryDirs } = withLibraries(files);
  return { entries: entries.filter((entry) => !inBase.has(entry.guestPath)), libraryDirs };
}

function hostFile(guestPath: string, hostPath: string, mode: number): HostFileEntry {
  return { kind: 'file', guestPath, hostPath, mode };
}

function textFile(guestPath: string, lines: readonly string[]): ImageEntry {
  return { kind: 'content', guestPath, mode: READABLE, content: lines.map((line) => `${line}\n`).join('') };
}
