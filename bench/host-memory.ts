import { readFileSync } from 'node:fs';

/** KiB of memory. */
export interface HostMemory {
  /** Resident in this process. */
  process: number;
  /** Tables and stacks of the kernel, of the whole host. */
  kernel: number;
}

const KERNEL_FIGURES = ['KernelStack', 'PageTables', 'SecPageTables'];

/** What this process and the kernel hold now, without the memory of a guest of that size, which is a block of mappings of exactly that size. */
export function memoryBesideGuest(guestMib: number): HostMemory {
  const mappings = readMappings();
  const guest = blockOf(mappings, guestMib * 1024 * 1024);
  const resident = (sum: number, { rss }: Mapping): number => sum + rss;
  return { process: mappings.reduce(resident, 0) - guest.reduce(resident, 0), kernel: kernelMemory() };
}

interface Mapping {
  start: number;
  end: number;
  /** KiB. */
  rss: number;
}

function readMappings(): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (range) mappings.push({ start: Number(`0x${range[1]}`), end: Number(`0x${range[2]}`), rss: 0 });
    const rss = /^Rss:\s+(\d+) kB/.exec(line);
    const last = mappings.at(-1);
    if (rss && last) last.rss = Number(rss[1]);
  }
  return mappings;
}

/** Mappings that follow each other without a gap and have that size together; none when there is no guest. */
function blockOf(mappings: readonly Mapping[], bytes: number): Mapping[] {
  for (const [first, { start }] of mappings.entries()) {
    const last = mappings.findIndex(({ end }) => end === start + bytes);
    const block = mappings.slice(first, last + 1);
    if (block.every((mapping, index) => index === 0 || mapping.start === block[index - 1]?.end) && block.length > 0)
      return block;
  }
  return [];
}

function kernelMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  return KERNEL_FIGURES.reduce(
    (sum, name) => sum + Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0),
    0,
  );
}
