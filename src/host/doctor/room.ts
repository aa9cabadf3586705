import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { GUEST_RAM_FOLDERS } from '../machine/anonymous-file';
import { check, missing, ok, warn, type Check, type Judgement } from './check';

const MIB = 1 << 20;
/** A machine of the demo with QEMU's own memory, Jest and the bundler beside it. */
const MEMORY_MIB = 1024;
/** A fetched kernel while it is unpacked, and the base image in two versions. */
const IMAGES_MIB = 500;
/** The unpacked source of a kernel, its objects and the debug information that BTF is made of. */
const BUILD_MIB = 4096;
/** What a machine has when a test asks for nothing else, rounded up. */
const GUEST_RAM_MIB = 1024;

/** Free memory and free disk space, and a cache that can be written. */
export function checkRoom(cacheDir: string): Check[] {
  const cacheMib = freeMib(cacheDir);
  return [
    check('memory', 'demo', judgeMemory(availableMib(readFileSync('/proc/meminfo', 'utf8')))),
    check('guest-memory', 'demo', judgeGuestRam(GUEST_RAM_FOLDERS.map((folder) => ({ folder, mib: freeMib(folder) })))),
    check('cache', 'demo', judgeCacheFolder(cacheDir)),
    check('disk', 'demo', judgeDisk({ folder: cacheDir, mib: cacheMib }, IMAGES_MIB)),
    check('disk-for-build', 'kernel-build', judgeDisk({ folder: cacheDir, mib: cacheMib }, BUILD_MIB)),
  ];
}

/** MemAvailable of /proc/meminfo; null when the text has none. */
export function availableMib(meminfo: string): number | null {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  return kib === undefined ? null : Math.floor(Number(kib) / 1024);
}

export function judgeMemory(mib: number | null): Judgement {
  const facts = { availableMib: mib, neededMib: MEMORY_MIB };
  if (mib === null)
    return warn('/proc/meminfo has no MemAvailable', `see to ${size(MEMORY_MIB)} of free memory`, facts);
  if (mib >= MEMORY_MIB) return ok(`${size(mib)} available`, facts);
  return missing(`${size(mib)} available, needed is ${size(MEMORY_MIB)}`, 'end other programs, or add memory', facts);
}

interface Room {
  folder: string;
  mib: number;
}

/** The first folder that is large enough is taken; the first of all is in memory. */
export function judgeGuestRam(rooms: readonly Room[]): Judgement {
  const [first] = rooms;
  const taken = rooms.find(({ mib }) => mib >= GUEST_RAM_MIB);
  const all = rooms.map(({ folder, mib }) => `${size(mib)} free in ${folder}`).join(', ');
  const facts = { folder: taken?.folder ?? null, freeMib: (taken ?? first)?.mib ?? 0, neededMib: GUEST_RAM_MIB };
  const remedy = `make ${first?.folder} larger; of a container: docker run --shm-size 2g`;
  if (taken === undefined) return missing(`${all}; needed is ${size(GUEST_RAM_MIB)}`, remedy, facts);
  if (taken !== first) return warn(`${all}: larger machines have their memory on disk`, remedy, facts);
  return ok(`${size(taken.mib)} free in ${taken.folder}`, facts);
}

export function judgeDisk({ folder, mib }: Room, neededMib: number): Judgement {
  const facts = { folder, freeMib: mib, neededMib };
  if (mib >= neededMib) return ok(`${size(mib)} free for ${folder}`, facts);
  const remedy = 'free disk space, or set KTSTR_CACHE_DIR to a folder with more of it';
  return missing(`${size(mib)} free for ${folder}, needed are ${size(neededMib)}`, remedy, facts);
}

/** One that is still to be made can be written when the folder that it will lie in can. */
export function judgeCacheFolder(folder: string): Judgement {
  try {
    accessSync(nearest(folder), constants.W_OK | constants.X_OK);
    return ok(`${folder} can be written`, { folder });
  } catch (error) {
    const found = `${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    return missing(found, 'set KTSTR_CACHE_DIR to a folder that can be written', { folder });
  }
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

/** Of a folder that is still to be made: free in what it will lie in. 0 when that cannot be told. */
export function freeMib(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(nearest(folder));
    return Math.floor((bavail * bsize) / MIB);
  } catch {
    return 0;
  }
}

function size(mib: number): string {
  return mib < 1024 ? `${mib} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}
