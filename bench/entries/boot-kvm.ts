import { writeInitrd } from '../../environment/initrd';
import { hasKvm } from '../../nested/run-with-kvm';
import type { MachineConfig } from '../../src/host/machine/machine';
import { startMachine } from '../../src/host/machine/start-machine';
import { cacheDir, storedKernels } from '../../src/host/kernel/store';
import { ratioOf, spreadOf, type BenchResult } from '../bench-report';
import { bootTimes, type BootedGuest, type BootTimes } from '../boot-times';
import { memoryBesideGuest, type HostMemory } from '../host-memory';
import { measureWithKvm } from '../measure-with-kvm';
import { startPeer } from '../peer-qemu-kvm';
import { EMPTY_BODY, planFixture, specOf } from '../run-fixture';
import { manyMachines } from './many-machines';

const PAIRS = 7;
const KIB_PER_MIB = 1024;
const PEER = 'qemu microvm on kvm';

/**
 * An empty test body on our machine and on QEMU's microvm, both on KVM, with the same kernel, image and shape, in turn. Where the host has no
 * KVM, in an emulated machine that has it.
 */
export async function bootKvm(progress: (text: string) => void): Promise<BenchResult[]> {
  if (!hasKvm()) return measureWithKvm('boot.kvm', progress);
  const stored = storedKernels(cacheDir(process.env));
  const results: BenchResult[] = [];
  for (const [name, isBuilt] of [
    ['boot.kvm', false],
    ['boot.kvm.built', true],
  ] as const) {
    const kernel = stored.find(({ schedExt }) => schedExt === isBuilt);
    if (kernel === undefined)
      throw new Error(
        `measure ${name}: no kernel ${isBuilt ? 'with' : 'without'} sched_ext is stored; npm run setup gets one`,
      );
    results.push(...(await bootOn(kernel.key, name, progress)));
  }
  return [...results, await manyMachines(progress)];
}

async function bootOn(kernel: string, name: string, progress: (text: string) => void): Promise<BenchResult[]> {
  const spec = specOf({ machine: 'kvm', cores: 2, kernel });
  const plan = await planFixture(EMPTY_BODY, spec);
  using initrd = await writeInitrd(plan.base, plan.suffix);
  const { kernelImage, cmdline } = plan;
  const { topology, memoryMib } = spec;
  const config = { kernelImage, initrd: initrd.pathForChildren, cmdline, topology, memoryMib };
  const ours: OurBoot[] = [];
  const peer: BootTimes[] = [];
  // The first pair only warms up.
  for (let pair = 0; pair <= PAIRS; pair++) {
    const [our, its] = [await bootOurs(config), await bootPeer(config)];
    const figures = `init ${Math.round(our.init)} ms, QEMU ${Math.round(its.init)} ms; result ${Math.round(our.result)} ms, QEMU ${Math.round(its.result)} ms`;
    progress(`${name}: ${pair === 0 ? 'warm-up' : `pair ${pair} of ${PAIRS}`}: ${figures}`);
    if (pair === 0) continue;
    ours.push(our);
    peer.push(its);
  }
  return [
    pairedResult(`${name}.init`, [ours, peer].map((boots) => boots.map(({ init }) => init)) as Paired),
    pairedResult(`${name}.result`, [ours, peer].map((boots) => boots.map(({ result }) => result)) as Paired),
    memoryResult(`${name}.memory`, ours),
  ];
}

interface OurBoot extends BootTimes {
  /** What came to the host's memory with the machine. */
  memory: HostMemory;
}

async function bootOurs(config: MachineConfig): Promise<OurBoot> {
  const before = memoryBesideGuest(config.memoryMib);
  const startedAt = performance.now();
  await using machine = await startMachine('kvm', config);
  const times = await bootTimes(machine as BootedGuest, startedAt);
  const after = memoryBesideGuest(config.memoryMib);
  return { ...times, memory: { process: after.process - before.process, kernel: after.kernel - before.kernel } };
}

async function bootPeer(config: MachineConfig): Promise<BootTimes> {
  const startedAt = performance.now();
  await using guest = startPeer(config);
  return await bootTimes(guest, startedAt);
}

type Paired = [ours: number[], peer: number[]];

function pairedResult(name: string, [ours, peer]: Paired): BenchResult {
  return {
    ...{ name, unit: 'ms', ours: spreadOf(ours), peer: { name: PEER, ...spreadOf(peer) }, ratio: ratioOf(ours, peer) },
    notes: 'from before /dev/kvm is opened; target: ratio at most 0.8',
  };
}

function memoryResult(name: string, boots: readonly OurBoot[]): BenchResult {
  const mib = boots.map(({ memory }) => (memory.process + memory.kernel) / KIB_PER_MIB);
  const kernel = spreadOf(boots.map(({ memory }) => memory.kernel / KIB_PER_MIB));
  return {
    ...{ name, unit: 'MiB', ours: spreadOf(mib) },
    notes: `of a machine that has run a test, beyond guest pages; ${kernel.median.toFixed(1)} of it page tables and stacks of the kernel; target: at most 8`,
  };
}
