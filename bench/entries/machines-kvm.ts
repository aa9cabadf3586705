import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { Vmm } from '../../src/host/native/vmm';
import { VMM_DEFAULTS, VMM_IMAGE, VMM_KICK, VMM_MEMORY, VMM_NO_FD } from '../../src/host/native/vmm-layout';
import { nativeProgram } from '../../src/package-root';
import { spreadOf, type BenchResult } from '../bench-report';

const MACHINES = 1000;
/** Those before leave behind what the process keeps for the next: buffers of Node, stacks of threads. */
const WARM_UP = 20;
const PAUSE_DEADLINE_MS = 30_000;
/** Threads that were joined are in /proc for a moment more. */
const SETTLE_MS = 200;
const NO_LINES = { initrd_fd: VMM_NO_FD, com1_fd: VMM_NO_FD, com2_fd: VMM_NO_FD, port_fd: VMM_NO_FD };
const SHAPE = { memory_bytes: 2 * 1024 * 1024, numa_nodes: 1, llcs: 1, cores: 4, threads: 1, image: VMM_IMAGE.raw };

interface Held {
  descriptors: number;
  threads: number;
  mappings: number;
}

/**
 * Makes, runs, pauses and destroys machines of four vcpus, without Linux. @throws {Error} when they leave a descriptor, a thread or a mapping of
 * theirs behind
 */
export async function machinesKvm(progress: (text: string) => void): Promise<BenchResult[]> {
  const code = openSync(nativeProgram('guests/spins.bin'), 'r');
  const times: number[] = [];
  let before = held();
  let after = before;
  try {
    for (let made = 0; made < WARM_UP + MACHINES; made++) {
      if (made === WARM_UP) before = held();
      const ms = await lifeMs(code, made);
      if (made >= WARM_UP) times.push(ms);
      if (made > 0 && made % 200 === 0) progress(`${made} of ${WARM_UP + MACHINES}`);
    }
    await setTimeout(SETTLE_MS);
    after = held();
  } finally {
    closeSync(code);
  }
  if (JSON.stringify(after) !== JSON.stringify(before))
    throw new Error(`${MACHINES} machines left something: ${JSON.stringify({ before, after })}`);
  const notes = `create, start, pause and destroy; leaves nothing: ${JSON.stringify(after)}`;
  return [{ name: 'machines.kvm', unit: 'ms', ours: spreadOf(times), notes }];
}

async function lifeMs(code: number, index: number): Promise<number> {
  const startedAt = performance.now();
  const kinds = { memory_kind: index % 2 === 0 ? VMM_MEMORY.anonymous : VMM_MEMORY.shared, kick: VMM_KICK.event };
  const vmm = await Vmm.create({ ...VMM_DEFAULTS, ...SHAPE, ...NO_LINES, ...kinds, kernel_fd: code }, '');
  try {
    vmm.start();
    await vmm.pause(PAUSE_DEADLINE_MS);
    if (index % 3 === 0) vmm.resume();
  } finally {
    await vmm.destroy();
  }
  return performance.now() - startedAt;
}

function held(): Held {
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    // Of RAM that is a file, and the record that KVM keeps of each vcpu; those without a name are the process's, too.
    mappings: readFileSync('/proc/self/maps', 'utf8').match(/ktstr-ram|kvm-vcpu/g)?.length ?? 0,
  };
}
