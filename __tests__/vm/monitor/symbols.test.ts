import { expect, jest, test } from '@jest/globals';

import { findKernelImage } from '../../../src/host/monitor/symbols/find-kernel';
import { locateKernel } from '../../../src/host/monitor/symbols/locate-kernel';
import type { TestOptions } from '../../../src/spec/declare/options';
import { MACHINE_TIMEOUT_MS } from '../inline-test';
import { storedKey } from '../stored-kernel';
import { stopGuest } from './stopped-guest';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const BUILT = storedKey(true);
const CLOUD = storedKey(false);

/** What the monitor lives by. */
const LIVES_BY = [
  ...['__start_BTF', '__stop_BTF', '__per_cpu_offset', 'nr_cpu_ids', 'page_offset_base'],
  ...['runqueues', 'init_task', 'fair_sched_class', 'tick_nsec'],
];

/**
 * Every thousandth symbol of the guest's own table and what the monitor lives by. Static names occur more than once, those of modules come
 * after the kernel's.
 */
const BODY = `
  const lines = fs.readFileSync('/proc/kallsyms', 'latin1').split('\\n').filter((line) => line !== '' && !line.includes('\\t'));
  const symbols = lines.map((line) => line.split(' '));
  const times = new Map();
  for (const [, , name] of symbols) times.set(name, (times.get(name) ?? 0) + 1);
  const wanted = new Set(${JSON.stringify(LIVES_BY)});
  const told = symbols.filter(([, , name], index) => times.get(name) === 1 && (index % 1000 === 0 || wanted.has(name)));
  tell({ count: lines.length, symbols: told.map(([address, , name]) => [name, address]), release: fs.readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim() });
`;

interface Told {
  count: number;
  symbols: [string, string][];
  release: string;
}

const ROWS: { name: string; options: TestOptions }[] = [
  { name: 'the built kernel, emulated', options: { machine: 'emulated', kernel: BUILT } },
  { name: 'the built kernel, deterministic', options: { machine: 'deterministic', kernel: BUILT } },
  { name: "Debian's cloud kernel, emulated", options: { machine: 'emulated', kernel: CLOUD } },
  { name: "Debian's cloud kernel, 2 nodes", options: { machine: 'emulated', kernel: CLOUD, numaNodes: 2, llcs: 2 } },
];

test.each(ROWS)('locateKernel() reads the symbols that the guest sees, without files: $name', async ({ options }) => {
  await using guest = await stopGuest(BODY, options);
  const { count, symbols: seen, release } = guest.told as Told;
  const startedAt = performance.now();
  const { symbols } = locateKernel(guest.machine.memory, guest.info);
  process.stdout.write(`  ${symbols.size} symbols in ${(performance.now() - startedAt).toFixed(0)} ms\n`);

  expect(guest.info.release).toBe(release);
  expect(guest.scanned).toEqual(guest.info);
  expect(symbols.size).toBe(count);
  // The same of a kernel that had told nothing: from its image.
  const { symbols: places, ...image } = findKernelImage(guest.machine.memory) ?? { symbols: new Map() };
  const { symbols: toldPlaces, ...toldImage } = guest.info;
  expect(image).toEqual(toldImage);
  expect([...places].filter(([name]) => name !== 'linux_banner')).toEqual(
    expect.arrayContaining([...toldPlaces].filter(([name]) => places.has(name))),
  );
  expect(places.size).toBe(8);
  expect([...places.keys()].filter((name) => !toldPlaces.has(name))).toEqual(['linux_banner']);
  const found = seen.map(([name]) => [name, symbols.find(name)?.toString(16).padStart(16, '0')]);
  expect(found.length).toBeGreaterThan(50);
  const names = new Set(seen.map(([name]) => name));
  expect(LIVES_BY.filter((name) => !names.has(name))).toEqual([]);
  expect(found).toEqual(seen);
  // What follows BTF begins with the next byte.
  for (const [name] of seen.filter(([name]) => name !== '__stop_BTF').slice(-20)) {
    const address = symbols.need(name);
    expect({ name, at: symbols.at(address + 1n) }).toMatchObject({ name, at: { offset: 1n } });
  }
});
