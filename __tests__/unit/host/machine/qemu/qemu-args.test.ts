import { describe, expect, test } from '@jest/globals';
import type { MachineConfig } from '../../../../../src/host/machine/machine';
import {
  FD,
  FIRST_RAM_FD,
  lowMemoryLimitBytes,
  nodeSizesMib,
  qemuArgs,
} from '../../../../../src/host/machine/qemu/qemu-args';
import { cpusOfNumaNode } from '../../../../../src/spec/topology/cpu-numbering';
import { parseCpuList } from '../../../../../src/spec/topology/cpu-list';
import type { Topology } from '../../../../../src/spec/topology/topology';

function config(topology: Partial<Topology> = {}, memoryMib = 512): MachineConfig {
  return {
    ...{ kernelImage: '/k', initrd: '/proc/9/fd/4', cmdline: 'quiet a,b', memoryMib },
    topology: { numaNodes: 1, llcs: 1, cores: 2, threads: 1, ...topology },
  };
}

/** Every value of an option, in order. */
function valuesOf(option: string, args: readonly string[]): string[] {
  return args.flatMap((arg, index) => (args[index - 1] === option ? [arg] : []));
}

const NUMA = config({ numaNodes: 2, llcs: 4, cores: 3, threads: 2 }, 513);

describe('nodeSizesMib()', () => {
  test.each([
    { numaNodes: 1, memoryMib: 512, sizes: [512] },
    { numaNodes: 2, memoryMib: 512, sizes: [256, 256] },
    { numaNodes: 3, memoryMib: 512, sizes: [170, 170, 172] },
  ])('splits $memoryMib MiB over $numaNodes nodes', ({ numaNodes, memoryMib, sizes }) => {
    expect(nodeSizesMib(config({ numaNodes }, memoryMib))).toEqual(sizes);
  });
});

describe('lowMemoryLimitBytes()', () => {
  test.each([
    { machine: 'microvm', numaNodes: 1, memoryMib: 8192, limit: 0xc000_0000 },
    { machine: 'q35 whose RAM fits', numaNodes: 2, memoryMib: 0xaff, limit: 0xb000_0000 },
    { machine: 'q35 whose RAM does not fit', numaNodes: 2, memoryMib: 0xb00, limit: 0x8000_0000 },
  ])('is that of $machine', ({ numaNodes, memoryMib, limit }) => {
    expect(lowMemoryLimitBytes(config({ numaNodes }, memoryMib))).toBe(limit);
  });
});

describe('qemuArgs()', () => {
  test('takes an LLC for a socket', () => {
    const args = qemuArgs('emulated', config({ llcs: 3, cores: 4, threads: 2 }));
    expect(valuesOf('-smp', args)).toEqual(['24,sockets=3,cores=4,threads=2']);
  });

  test('gives every NUMA node its own CPUs, memory, and a distance to each other', () => {
    const args = qemuArgs('emulated', NUMA);
    const numa = valuesOf('-numa', args);
    const cpus = numa.flatMap((value) => /^node,.*cpus=([\d-]+)/.exec(value)?.[1] ?? []);
    expect(cpus.map(parseCpuList)).toEqual([0, 1].map((node) => cpusOfNumaNode(NUMA.topology, node)));
    expect(numa.filter((value) => value.startsWith('dist,'))).toEqual([
      'dist,src=0,dst=1,val=20',
      'dist,src=1,dst=0,val=20',
    ]);
    expect(valuesOf('-object', args)).toEqual([
      `memory-backend-file,id=ram0,size=256M,mem-path=/proc/self/fd/${FIRST_RAM_FD},share=on`,
      `memory-backend-file,id=ram1,size=257M,mem-path=/proc/self/fd/${FIRST_RAM_FD + 1},share=on`,
    ]);
    expect(valuesOf('-m', args)).toEqual(['513M']);
  });

  test('takes the machine without NUMA where one node is asked for', () => {
    expect(valuesOf('-machine', qemuArgs('emulated', config())).join()).toMatch(/^microvm,.*memory-backend=ram0$/);
    expect(valuesOf('-machine', qemuArgs('emulated', NUMA)).join()).toMatch(/^q35,/);
    expect(qemuArgs('emulated', config())).not.toContain('-numa');
  });

  test('counts instructions, and offers no randomness, in virtual time only', () => {
    const emulated = qemuArgs('emulated', config());
    const deterministic = qemuArgs('deterministic', config());
    expect(valuesOf('-icount', deterministic)).toHaveLength(1);
    expect(valuesOf('-cpu', deterministic).join()).toMatch(/-rdrand,-rdseed/);
    expect(valuesOf('-rtc', deterministic).join()).toMatch(/^base=\d{4}-.*clock=vm$/);
    expect(emulated).not.toContain('-icount');
    expect(valuesOf('-cpu', emulated).join()).not.toContain('rdrand');
  });

  test('hands over kernel, image and command line as they are', () => {
    const args = qemuArgs('emulated', config());
    const handed = ['-kernel', '-initrd', '-append'].map((option) => valuesOf(option, args));
    expect(handed).toEqual([['/k'], ['/proc/9/fd/4'], ['quiet a,b']]);
  });

  test('names every inherited descriptor once', () => {
    const text = qemuArgs('emulated', NUMA).join(' ');
    const sets = [...text.matchAll(/-add-fd fd=(\d+),set=\1/g)].map((match) => Number(match[1]));
    expect(sets).toEqual([FD.com1, FD.com2, FD.port]);
    for (const fd of sets) expect(text.match(new RegExp(`/dev/fdset/${fd}\\b`, 'g'))).toHaveLength(1);
    expect(text).toContain(`-D /proc/self/fd/${FD.log}`);
    expect(text).toContain(`socket,id=qmp,fd=${FD.qmp}`);
    expect(Math.max(...Object.values(FD))).toBe(FIRST_RAM_FD - 1);
  });

  test('loads the probe when there is one, with the descriptors behind those of RAM', () => {
    const [orders, output, control] = [2, 3, 4].map((after) => FIRST_RAM_FD + after);
    expect(valuesOf('-plugin', qemuArgs('deterministic', NUMA, '/a,b/probe.so'))).toEqual([
      `/a,,b/probe.so,orders=${orders},output=${output},control=${control}`,
    ]);
    expect(valuesOf('-plugin', qemuArgs('deterministic', NUMA))).toEqual([]);
  });
});
