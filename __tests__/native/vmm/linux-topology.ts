import { bits, cpuid, type CpuidEntry } from './cpuid';

/**
 * What Linux makes of the CPUID of one CPU: arch/x86/kernel/cpu/topology_ext.c, topology_amd.c and cacheinfo.c of 6.12, reduced to the CPUs
 * that KVM runs on. A complaint of the kernel is an error here.
 */
export interface LinuxCpu {
  apicId: number;
  /** Of the thread's field, and of thread and core together: the same on all CPUs, or Linux complains. */
  shifts: { smt: number; package: number };
  threadsPerCore: number;
  cpusPerPackage: number;
  packageId: number;
  coreId: number;
  llcId: number;
  /** By cache, in their order: its level and the id that the CPUs that share it have in common. */
  caches: { level: number; id: number }[];
}

const SMT_TYPE = 1;
/** The types that each leaf may have; the first is the thread, the second the core. */
const TYPES: Record<number, number> = { 0xb: 2, 0x1f: 6, 0x8000_0026: 4 };
const TOPOEXT_BIT = 22;
/** The last four letters of the vendors. */
const AMD_ECX = 0x444d_4163;
const HYGON_ECX = 0x656e_6975;

interface Scan {
  apicId: number;
  shifts: { smt: number; package: number };
  threadsPerCore: number;
  cpusPerPackage: number;
}

export function decodeLikeLinux(entries: readonly CpuidEntry[]): LinuxCpu {
  const scan = isAmd(entries) ? scanAmd(entries) : scanIntel(entries);
  const { apicId, shifts } = scan;
  const leaf1 = cpuid(entries, 1);
  if (bits(leaf1.ebx, 31, 24) !== apicId % 256) throw new Error('leaf 1 has another APIC id');
  const caches = cachesOf(entries, isAmd(entries) ? 0x8000_001d : 4);
  return {
    ...scan,
    packageId: apicId >> shifts.package,
    coreId: (apicId % 2 ** shifts.package) >> shifts.smt,
    llcId: isAmd(entries) ? amdLlc(entries, scan) : intelLlc(caches, apicId),
    caches: caches.map(({ level, sharing }) => ({ level, id: apicId >> orderOf(sharing) })),
  };
}

export function isAmd(entries: readonly CpuidEntry[]): boolean {
  return [AMD_ECX, HYGON_ECX].includes(cpuid(entries, 0).ecx);
}

function scanIntel(entries: readonly CpuidEntry[]): Scan {
  const max = cpuid(entries, 0).eax;
  const scan = (max >= 0x1f ? scanLeaf(entries, 0x1f) : null) ?? (max >= 0xb ? scanLeaf(entries, 0xb) : null);
  if (!scan) throw new Error('the topology of before leaf 0xB');
  return scan;
}

function scanAmd(entries: readonly CpuidEntry[]): Scan {
  if (bits(cpuid(entries, 0x8000_0001).ecx, TOPOEXT_BIT, TOPOEXT_BIT) === 0) throw new Error('no TOPOEXT');
  const max = cpuid(entries, 0).eax;
  const extendedMax = cpuid(entries, 0x8000_0000).eax;
  const scan =
    (max >= 0x1f ? scanLeaf(entries, 0x1f) : null) ??
    (extendedMax >= 0x8000_0026 ? scanLeaf(entries, 0x8000_0026) : null) ??
    (max >= 0xb ? scanLeaf(entries, 0xb) : null);
  if (!scan) throw new Error('the topology of leaf 0x80000008');
  if (extendedMax < 0x8000_001e) throw new Error('no leaf 0x8000001E');
  const { eax, ebx, ecx } = cpuid(entries, 0x8000_001e);
  if (eax !== scan.apicId) throw new Error('leaf 0x8000001E has another APIC id');
  if (bits(ebx, 15, 8) + 1 !== scan.threadsPerCore) throw new Error('leaf 0x8000001E has other threads');
  if (bits(ecx, 10, 8) !== 0) throw new Error('several nodes in a package');
  return scan;
}

interface Level {
  type: number;
  shift: number;
  cpus: number;
  apicId: number;
}

function levelsOf(entries: readonly CpuidEntry[], leaf: number): Level[] {
  const levels: Level[] = [];
  for (let index = 0; ; index++) {
    const { eax, ebx, ecx, edx } = cpuid(entries, leaf, index);
    const level = { type: bits(ecx, 15, 8), shift: bits(eax, 4, 0), cpus: bits(ebx, 15, 0), apicId: edx };
    if (bits(ecx, 7, 0) !== index) throw new Error(`subleaf ${index} is numbered ${bits(ecx, 7, 0)}`);
    if (level.cpus === 0 || level.type === 0) return levels;
    if (level.type > (TYPES[leaf] ?? 0)) throw new Error(`unknown domain type ${level.type}`);
    levels.push(level);
  }
}

/** Null for a leaf without levels. */
function scanLeaf(entries: readonly CpuidEntry[], leaf: number): Scan | null {
  const levels = levelsOf(entries, leaf);
  const [first] = levels;
  const last = levels.at(-1);
  if (!first || !last) return null;
  if (levels.some(({ apicId }) => apicId !== first.apicId)) throw new Error('APIC id mismatch between subleaves');
  if (first.type !== SMT_TYPE) throw new Error('the first level is not that of threads');
  if (first.shift === 0 && first.cpus > 1) throw new Error('shift 0 for several threads');
  return {
    apicId: first.apicId,
    shifts: { smt: first.shift, package: last.shift },
    threadsPerCore: first.cpus,
    cpusPerPackage: last.cpus,
  };
}

interface Cache {
  level: number;
  sharing: number;
}

function cachesOf(entries: readonly CpuidEntry[], leaf: number): Cache[] {
  const caches: Cache[] = [];
  for (let index = 0; ; index++) {
    const { eax } = cpuid(entries, leaf, index);
    if (bits(eax, 4, 0) === 0) return caches;
    caches.push({ level: bits(eax, 7, 5), sharing: bits(eax, 25, 14) + 1 });
  }
}

function intelLlc(caches: readonly Cache[], apicId: number): number {
  const llc = caches.find(({ level }) => level === 3) ?? caches.find(({ level }) => level === 2);
  if (!llc) throw new Error('no LLC');
  return apicId >> orderOf(llc.sharing);
}

function amdLlc(entries: readonly CpuidEntry[], { apicId, shifts }: Scan): number {
  if (cpuid(entries, 0x8000_0006).edx === 0) return apicId >> shifts.package;
  if (cpuid(entries, 0).ecx === HYGON_ECX) return apicId >> 3;
  const signature = cpuid(entries, 1).eax;
  const family = bits(signature, 11, 8) + bits(signature, 27, 20);
  const model = bits(signature, 7, 4) + 16 * bits(signature, 19, 16);
  if (family < 0x17) return bits(cpuid(entries, 0x8000_001e).ecx, 7, 0);
  if (family === 0x17 && model <= 0x1f) return apicId >> 3;
  const last = cachesOf(entries, 0x8000_001d).at(-1);
  if (last?.level !== 3) throw new Error('the last cache is no L3');
  return apicId >> orderOf(last.sharing);
}

function orderOf(count: number): number {
  return Math.ceil(Math.log2(count));
}
