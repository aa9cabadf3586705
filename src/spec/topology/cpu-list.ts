/** Highest CPU number that is taken: x86 kernels are built for at most 8192 CPUs. */
export const MAX_CPU = 8191;

const ITEM = /^(\d+)(?:-(\d+))?$/;

/**
 * Reads a kernel CPU list, e.g. `0-3,5`; the empty list is `''`. One newline at the end is taken, as sysfs prints it; blanks, signs, empty
 * items and strides are not.
 *
 * @returns the CPUs, sorted
 * @throws TypeError when the text is not a list; RangeError when a range runs backwards, a CPU is above `MAX_CPU` or is named twice
 */
export function parseCpuList(text: string): number[] {
  const list = text.replace(/\n$/, '');
  if (list === '') return [];
  const cpus = new Set<number>();
  for (const item of list.split(',')) {
    const [first, last] = parseItem(item, list);
    for (let cpu = first; cpu <= last; cpu++) {
      if (cpus.has(cpu))
        throw new RangeError(`read CPU list "${list}": CPU ${cpu} is named twice, each must be named once`);
      cpus.add(cpu);
    }
  }
  return [...cpus].sort((a, b) => a - b);
}

function parseItem(item: string, list: string): [first: number, last: number] {
  const match = ITEM.exec(item);
  if (match === null) {
    throw new TypeError(`read CPU list "${list}": "${item}" is no CPU and no range, must be like 5 or 0-3`);
  }
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (last > MAX_CPU || first > MAX_CPU) {
    throw new RangeError(`read CPU list "${list}": "${item}" is out of range, CPUs must be from 0 to ${MAX_CPU}`);
  }
  if (first > last) {
    throw new RangeError(`read CPU list "${list}": "${item}" runs backwards, must be from the lower CPU to the higher`);
  }
  return [first, last];
}

/**
 * Writes CPUs as the kernel does, e.g. `0-3,5`; no CPUs give `''`. Order and duplicates do not matter.
 *
 * @throws RangeError when a CPU is no whole number from 0 to `MAX_CPU`
 */
export function formatCpuList(cpus: Iterable<number>): string {
  const ranges: { first: number; last: number }[] = [];
  for (const cpu of [...new Set(cpus)].sort((a, b) => a - b)) {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu > MAX_CPU) {
      throw new RangeError(`write CPU list: CPU ${cpu} is not possible, must be a whole number from 0 to ${MAX_CPU}`);
    }
    const open = ranges.at(-1);
    if (open !== undefined && open.last === cpu - 1) open.last = cpu;
    else ranges.push({ first: cpu, last: cpu });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
