import type { StructureOf, Structures } from './structure-layout';

/** The structures of native/abi/vmm.h, their fields in order. The library tells where it has each, and the two are compared at load. */
export const VMM_STRUCTURES = {
  vmm_config: {
    memory_bytes: 'uint64_t',
    numa_nodes: 'uint32_t',
    llcs: 'uint32_t',
    cores: 'uint32_t',
    threads: 'uint32_t',
    image: 'uint32_t',
    kernel_fd: 'int32_t',
    initrd_fd: 'int32_t',
    com1_fd: 'int32_t',
    com2_fd: 'int32_t',
    port_fd: 'int32_t',
  },
  vmm_error: { code: 'int32_t', phase: { chars: 20 }, call: { chars: 40 }, detail: { chars: 160 } },
  vmm_info: {
    end: 'uint32_t',
    vcpu: 'uint32_t',
    reason: 'uint32_t',
    vcpus: 'uint32_t',
    done_fd: 'int32_t',
    exits: 'uint64_t',
    pause_ns: 'uint64_t',
    detail: { chars: 160 },
  },
  vmm_registers: {
    rax: 'uint64_t',
    rbx: 'uint64_t',
    rcx: 'uint64_t',
    rdx: 'uint64_t',
    rsi: 'uint64_t',
    rdi: 'uint64_t',
    rsp: 'uint64_t',
    rbp: 'uint64_t',
    rip: 'uint64_t',
    rflags: 'uint64_t',
    cr0: 'uint64_t',
    cr2: 'uint64_t',
    cr3: 'uint64_t',
    cr4: 'uint64_t',
    efer: 'uint64_t',
  },
} as const satisfies Structures;

export type VmmConfig = StructureOf<(typeof VMM_STRUCTURES)['vmm_config']>;
export type VmmErrorRecord = StructureOf<(typeof VMM_STRUCTURES)['vmm_error']>;
export type VmmInfo = StructureOf<(typeof VMM_STRUCTURES)['vmm_info']>;
export type VmmRegisters = StructureOf<(typeof VMM_STRUCTURES)['vmm_registers']>;

export const VMM_ABI = 1;

/** `enum vmm_image` of native/abi/vmm.h. */
export const VMM_IMAGE = { linux: 0, raw: 1 } as const;

/** `enum vmm_end` of native/abi/vmm.h, by value. */
export const VMM_ENDS = [
  'running',
  'poweroff',
  'reset',
  'triple-fault',
  'stopped',
  'internal-error',
  'entry-failed',
  'broken',
  'halted',
] as const;
export type VmmEnd = (typeof VMM_ENDS)[number];
