import { isElf, readElf } from './elf';
import { elfClosure } from './elf-closure';
import type { HostFileEntry, ImageEntry } from './image-entry';
import { statSource } from './image-source';

export interface Manifest {
  entries: ImageEntry[];
  /** What LD_LIBRARY_PATH must name in the guest; see `ElfClosure`. */
  libraryDirs: string[];
}

/** The entries with the dynamic loader and the libraries of every executable among them. */
export function withLibraries(entries: readonly ImageEntry[]): Manifest {
  const libraries = new Map<string, ImageEntry>();
  const libraryDirs = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== 'file' || !isDynamicExecutable(entry)) continue;
    const closure = elfClosure(entry.hostPath, { guestPath: entry.guestPath });
    for (const file of closure.files) {
      libraries.set(`${file.guestPath}\0${file.hostPath}`, { kind: 'file', mode: 0o755, ...file });
    }
    for (const directory of closure.libraryDirs) libraryDirs.add(directory);
  }
  return { entries: [...entries, ...libraries.values()], libraryDirs: [...libraryDirs] };
}

function isDynamicExecutable(entry: HostFileEntry): boolean {
  if ((entry.mode & 0o111) === 0) return false;
  statSource(entry);
  if (!isElf(entry.hostPath)) return false;
  const elf = readElf(entry.hostPath);
  return elf.interpreter !== null || elf.needed.length > 0;
}
