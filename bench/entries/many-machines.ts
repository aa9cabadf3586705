import { readdirSync, readFileSync, writeSync } from 'node:fs';

import { AnonymousFile } from '../../src/host/machine/anonymous-file';
import { Vmm } from '../../src/host/native/vmm';
import { VMM_DEFAULTS, VMM_IMAGE } from '../../src/host/native/vmm-layout';
import { spreadOf, type BenchResult } from '../bench-report';

const MACHINES = 1_000;
/** Libraries and buffers of the first machines stay. */
const WARM_UP = 20;
/** The garbage collector maps and unmaps some; one that each machine leaves would be ten times as many. */
const MAPPINGS_TOLERATED = 100;
const PROGRESS_EVERY = 100;

/** A jump to itself, for a guest without Linux. */
const SPINS = Buffer.from([0xeb, 0xfe]);
const NO_FD = -1;

/** Many machines made, started and destroyed one after the other leave nothing in this process. @throws {Error} otherwise */
export async function manyMachines(progress: (text: string) => void): Promise<BenchResult> {
  using code = new AnonymousFile(SPINS.length);
  writeSync(code.fd, SPINS);
  for (let machine = 0; machine < WARM_UP; machine++) await cycle(code.fd);
  const before = held();
  const times: number[] = [];
  for (let machine = 1; machine <= MACHINES; machine++) {
    times.push(await cycle(code.fd));
    if (machine % PROGRESS_EVERY === 0) progress(`machine ${machine} of ${MACHINES}: ${JSON.stringify(held())}`);
  }
  const after = held();
  const isLeak =
    after.descriptors !== before.descriptors ||
    after.threads !== before.threads ||
    after.mappings > before.mappings + MAPPINGS_TOLERATED;
  const story = `before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`;
  if (isLeak) throw new Error(`${MACHINES} machines left something behind: ${story}`);
  return {
    ...{ name: 'boot.kvm.cycle', unit: 'ms', ours: spreadOf(times) },
    notes: `${MACHINES} machines of two vcpus made, started and destroyed; ${story}`,
  };
}

/** Milliseconds of one machine from its making to its end. */
async function cycle(code: number): Promise<number> {
  const startedAt = performance.now();
  const topology = { numa_nodes: 1, llcs: 1, cores: 2, threads: 1 };
  const files = { kernel_fd: code, initrd_fd: NO_FD, com1_fd: NO_FD, com2_fd: NO_FD, port_fd: NO_FD };
  const memory = { memory_bytes: 512 * 1024 * 1024, image: VMM_IMAGE.raw };
  const vmm = await Vmm.create({ ...VMM_DEFAULTS, ...memory, ...topology, ...files }, '');
  try {
    vmm.start();
  } finally {
    await vmm.destroy();
  }
  return performance.now() - startedAt;
}

function held(): { descriptors: number; threads: number; mappings: number } {
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    mappings: readFileSync('/proc/self/maps', 'utf8').trimEnd().split('\n').length,
  };
}
