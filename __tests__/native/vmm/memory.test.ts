import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

import { describe, expect } from '@jest/globals';

import { KvmMemory } from '../../../src/host/machine/kvm/kvm-memory';
import { Vmm } from '../../../src/host/native/vmm';
import { VMM_DEFAULTS, VMM_IMAGE, VMM_MEMORY, VMM_NO_FD, type VmmNode } from '../../../src/host/native/vmm-layout';
import { AnonymousFile } from '../../../src/host/machine/anonymous-file';
import { onKvm } from './kvm-kinds';
import { pvhKernel } from './pvh-kernel';
import { RAW_MEMORY_BYTES, startRawGuest } from './raw-guest';

const PAGE = 4096;
const MIB = 1024 * 1024;
/** Where every raw guest is loaded: native/vmm/boot.h. */
const CODE_GPA = 0x1000;
/** An address in the second half of the pages that nothing else of a raw machine is in. */
const FREE_GPA = 0x100000;
const START_INFO = { gpa: 0x6000, modules: 0x100 };
/** jmp . */
const SPINS = Buffer.from([0xeb, 0xfe]);
const KINDS = [
  { name: 'anonymous', kind: VMM_MEMORY.anonymous },
  { name: 'shared', kind: VMM_MEMORY.shared },
];

describe('guest memory', () => {
  onKvm.each(KINDS)('that is $name is read and written within its bounds alone', async ({ kind }) => {
    await using guest = await startRawGuest('spins', { config: { memory_kind: kind } });
    const memory = new KvmMemory(guest.vmm, RAW_MEMORY_BYTES);
    // xor %ax, %ax
    expect(memory.read(CODE_GPA, 2)).toEqual(Buffer.from([0x31, 0xc0]));
    memory.write(FREE_GPA, Buffer.from('written'));
    expect(memory.read(FREE_GPA, 8).toString()).toBe('written\0');
    const [last, none] = [RAW_MEMORY_BYTES - 2, Buffer.alloc(0)];
    memory.write(last, Buffer.from([1, 2]));
    expect([memory.read(last, 2), memory.read(RAW_MEMORY_BYTES, 0)]).toEqual([Buffer.from([1, 2]), none]);
    const outside = [-1, 0.5, RAW_MEMORY_BYTES - 1, RAW_MEMORY_BYTES, 0xfee0_0000, 2 ** 52, 2 ** 64, NaN];
    for (const gpa of outside) {
      expect(() => memory.read(gpa, 2)).toThrow(RangeError);
      expect(() => memory.write(gpa, Buffer.alloc(2))).toThrow(RangeError);
    }
    for (const length of [-1, 0.5, 2 ** 40, NaN]) expect(() => memory.read(0, length)).toThrow(RangeError);
    expect(memory.read(last, 2)).toEqual(Buffer.from([1, 2]));
  });

  onKvm('that is shared can be read by whoever has its file', async () => {
    await using guest = await startRawGuest('counts', { config: { memory_kind: VMM_MEMORY.shared } });
    const [range, ...others] = guest.vmm.ranges();
    expect(others).toEqual([]);
    expect(range).toMatchObject({ gpa: 0, bytes: RAW_MEMORY_BYTES, offset: 0, node: 0 });
    const file = openSync(`/proc/self/fd/${range?.fd}`, 'r');
    try {
      expect(fstatSync(file).size).toBe(RAW_MEMORY_BYTES);
      guest.vmm.write(FREE_GPA, Buffer.from('shared'));
      const read = Buffer.alloc(6);
      readSync(file, read, 0, 6, FREE_GPA);
      expect(read.toString()).toBe('shared');
    } finally {
      closeSync(file);
    }
  });

  onKvm('of several nodes is split at huge pages, with a hole below 4 GiB', async () => {
    await using guest = await startRawGuest('spins', {
      ...{ cpus: 1, config: { memory_bytes: 5 * 1024 * MIB + 6 * MIB, numa_nodes: 3, llcs: 3 } },
    });
    const [gib, even] = [1024 * MIB, 1708 * MIB];
    const ranges = guest.vmm.ranges().map(({ gpa, bytes, offset, node }) => [gpa, bytes, offset, node]);
    expect(ranges).toEqual([
      [0, even, 0, 0],
      [even, 3 * gib - even, even, 1],
      [4 * gib, 2 * even - 3 * gib, 3 * gib, 1],
      [gib + 2 * even, 5 * gib + 6 * MIB - 2 * even, 2 * even, 2],
    ]);
    expect(guest.vmm.ranges().map(({ address }) => Number(BigInt(address) % BigInt(2 * MIB)))).toEqual([0, 0, 0, 0]);
  });

  const node = (memoryBytes: number, told: Partial<VmmNode> = {}): VmmNode => ({
    ...{ memory_bytes: memoryBytes, cache_bytes: 0, latency_ns: 0, bandwidth_mbps: 0, ...told },
  });

  onKvm('of nodes that are given is theirs in their order, that of nodes without CPUs last', async () => {
    const bytes = [2048, 2048, 1024].map((mib) => mib * MIB);
    const config = { memory_bytes: 5 * 1024 * MIB, numa_nodes: 2, llcs: 2 };
    await using guest = await startRawGuest('spins', { config, nodes: bytes.map((each) => node(each)) });
    expect(guest.vmm.ranges().map(({ gpa, bytes, node }) => [Number(gpa) / MIB, Number(bytes) / MIB, node])).toEqual([
      ...[[0, 2048, 0], [2048, 1024, 1], [4096, 1024, 1], [5120, 1024, 2]], // prettier-ignore
    ]);
  });

  const told = { latency_ns: 100, bandwidth_mbps: 1600 };
  onKvm.each([
    { name: 'have less than the machine', nodes: [node(MIB)], phase: 'memory' },
    { name: 'have more', nodes: [node(MIB), node(2 * MIB)], phase: 'memory' },
    { name: 'overflow', nodes: [node(PAGE), node(2 ** 63), node(2 ** 63)], phase: 'memory' },
    { name: 'have parts of pages', nodes: [node(MIB + 1), node(MIB - 1)], phase: 'memory' },
    { name: 'have one without memory', nodes: [node(2 * MIB), node(0)], phase: 'memory' },
    { name: 'tell of one alone', nodes: [node(MIB, told), node(MIB)], phase: 'configure' },
    { name: 'tell of no bandwidth', nodes: [node(2 * MIB, { latency_ns: 100 })], phase: 'configure' },
    {
      name: 'have a cache of which nothing else is told',
      nodes: [node(2 * MIB, { cache_bytes: MIB })],
      phase: 'configure',
    },
    { name: 'are more than there can be', nodes: Array.from({ length: 65 }, () => node(PAGE)), phase: 'configure' },
  ])('is refused when the nodes $name', async ({ nodes, phase }) => {
    await expect(startRawGuest('spins', { nodes })).rejects.toMatchObject({ code: 'vmm', fields: { phase } });
  });

  onKvm('is refused when there are fewer nodes than have CPUs', async () => {
    const config = { numa_nodes: 2, llcs: 2 };
    await expect(startRawGuest('spins', { config, nodes: [node(RAW_MEMORY_BYTES)] })).rejects.toMatchObject({
      ...{ code: 'vmm', fields: { phase: 'configure' } },
    });
  });

  onKvm.each([
    { name: 'the most', bytes: 2 ** 46, isChecked: false },
    { name: 'a page more', bytes: 2 ** 46 + PAGE, isChecked: true },
    { name: 'so much that a sum with it overflows', bytes: 2 ** 64 - 2048 * 1024, isChecked: true },
  ])('is bounded before the host is asked: $name', async ({ bytes, isChecked }) => {
    // What no host has, so it depends on the host what refuses it.
    const call = isChecked ? 'memory_init' : expect.stringMatching(/^(mmap|KVM_SET_USER_MEMORY_REGION)$/);
    await expect(startRawGuest('spins', { config: { memory_bytes: bytes } })).rejects.toMatchObject({
      ...{ code: 'vmm', fields: { phase: 'memory', call } },
    });
  });

  onKvm('from the pool of huge pages says so when the pool has not enough', async () => {
    const free = Number(/HugePages_Free:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
    const config = { memory_kind: VMM_MEMORY.hugetlb, memory_bytes: (free + 1) * 2 * MIB };
    await expect(startRawGuest('spins', { config })).rejects.toMatchObject({
      ...{ code: 'vmm', fields: { phase: 'memory', call: 'mmap' } },
    });
  });
});

describe('the initrd', () => {
  onKvm.each([
    { name: 'mapped', maps: 1, kind: VMM_MEMORY.anonymous },
    { name: 'copied', maps: 0, kind: VMM_MEMORY.anonymous },
    { name: 'copied into memory that is a file', maps: 1, kind: VMM_MEMORY.shared },
  ])(
    'is whole in guest memory when it is $name, and stays as it is when the guest writes there',
    async ({ maps, kind }) => {
      const content = Buffer.alloc(5 * PAGE + 17, 'initrd ');
      using initrd = fileOf(content);
      using kernel = fileOf(pvhKernel(SPINS));
      const fds = {
        kernel_fd: kernel.fd,
        initrd_fd: initrd.fd,
        com1_fd: VMM_NO_FD,
        com2_fd: VMM_NO_FD,
        port_fd: VMM_NO_FD,
      };
      const shape = { memory_bytes: 16 * MIB, numa_nodes: 1, llcs: 1, cores: 1, threads: 1, image: VMM_IMAGE.linux };
      const vmm = await Vmm.create({ ...VMM_DEFAULTS, ...shape, ...fds, memory_kind: kind, maps_initrd: maps }, '');
      try {
        const memory = new KvmMemory(vmm, shape.memory_bytes);
        const start = Number(memory.read(START_INFO.gpa + START_INFO.modules, 8).readBigUInt64LE());
        expect(start % PAGE).toBe(0);
        expect(memory.read(start, 6 * PAGE)).toEqual(Buffer.concat([content], 6 * PAGE));
        memory.write(start, Buffer.from('INITRD'));
        expect(memory.read(start, 7).toString()).toBe('INITRD ');
        const inFile = Buffer.alloc(content.length);
        readSync(initrd.fd, inFile, 0, content.length, 0);
        expect(inFile).toEqual(content);
      } finally {
        await vmm.destroy();
      }
    },
  );
});

function fileOf(content: Buffer): AnonymousFile {
  const file = new AnonymousFile(content.length);
  writeSync(file.fd, content);
  return file;
}
