import type { StructureOf, Structures } from './structure-layout';

/** The structures of native/abi/vmm.h, their fields in order. The library tells where it has each, and the two are compared at load. */
export const VMM_STRUCTURES = {
  vmm_config: {
    memory_bytes: 'uint64_t',
    numa_nodes: 'uint32_t',
    llcs: 'uint32_t',
    cores: 'uint32_t',
    threads: 'uint32_t',
    apic_llc_bits: 'uint32_t',
    nodes: 'uint32_t',
    image: 'uint32_t',
    memory_kind: 'uint32_t',
    maps_initrd: 'uint32_t',
    kick: 'uint32_t',
    halt_poll_ns: 'uint32_t',
    no_exits: 'uint32_t',
    kernel_fd: 'int32_t',
    initrd_fd: 'int32_t',
    com1_fd: 'int32_t',
    com2_fd: 'int32_t',
    port_fd: 'int32_t',
    hits_fd: 'int32_t',
  },
  vmm_node: { memory_bytes: 'uint64_t', cache_bytes: 'uint64_t', latency_ns: 'uint32_t', bandwidth_mbps: 'uint32_t' },
  vmm_error: { code: 'int32_t', phase: { chars: 20 }, call: { chars: 40 }, detail: { chars: 160 } },
  vmm_info: {
    end: 'uint32_t',
    vcpu: 'uint32_t',
    reason: 'uint32_t',
    vcpus: 'uint32_t',
    done_fd: 'int32_t',
    clocks_run_on: 'uint32_t',
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
    r8: 'uint64_t',
    r9: 'uint64_t',
    r10: 'uint64_t',
    r11: 'uint64_t',
    r12: 'uint64_t',
    r13: 'uint64_t',
    r14: 'uint64_t',
    r15: 'uint64_t',
    rip: 'uint64_t',
    rflags: 'uint64_t',
    cs: 'uint64_t',
    ss: 'uint64_t',
    ds: 'uint64_t',
    es: 'uint64_t',
    fs: 'uint64_t',
    gs: 'uint64_t',
    tr: 'uint64_t',
    cs_base: 'uint64_t',
    fs_base: 'uint64_t',
    gs_base: 'uint64_t',
    gdt_base: 'uint64_t',
    gdt_limit: 'uint64_t',
    idt_base: 'uint64_t',
    idt_limit: 'uint64_t',
    cr0: 'uint64_t',
    cr2: 'uint64_t',
    cr3: 'uint64_t',
    cr4: 'uint64_t',
    cr8: 'uint64_t',
    efer: 'uint64_t',
    apic_base: 'uint64_t',
  },
  vmm_range: {
    gpa: 'uint64_t',
    bytes: 'uint64_t',
    address: 'uint64_t',
    offset: 'uint64_t',
    node: 'uint32_t',
    fd: 'int32_t',
  },
  vmm_hit: {
    rip: 'uint64_t',
    address: 'uint64_t',
    vcpu: 'uint32_t',
    slot: 'uint32_t',
    pauses: 'uint32_t',
    reserved: 'uint32_t',
  },
} as const satisfies Structures;

export type VmmConfig = StructureOf<(typeof VMM_STRUCTURES)['vmm_config']>;
export type VmmNode = StructureOf<(typeof VMM_STRUCTURES)['vmm_node']>;
export type VmmErrorRecord = StructureOf<(typeof VMM_STRUCTURES)['vmm_error']>;
export type VmmInfo = StructureOf<(typeof VMM_STRUCTURES)['vmm_info']>;
export type VmmRegisters = StructureOf<(typeof VMM_STRUCTURES)['vmm_registers']>;

export type VmmRange = StructureOf<(typeof VMM_STRUCTURES)['vmm_range']>;

export const VMM_ABI = 3;

/** `enum vmm_image` of native/abi/vmm.h. */
export const VMM_IMAGE = { linux: 0, raw: 1, rawInterrupts: 2 } as const;

/** `enum vmm_memory` of native/abi/vmm.h. */
export const VMM_MEMORY = { anonymous: 0, shared: 1, hugetlb: 2 } as const;

/** `enum vmm_kick` of native/abi/vmm.h. */
export const VMM_KICK = { exit: 0, event: 1 } as const;

/** No descriptor, no number, the whole machine: constants of native/abi/vmm.h. */
export const VMM_NO_FD = -1;
export const VMM_HOST_DEFAULT = 0xffff_ffff;
export const VMM_MACHINE = 0xffff_ffff;
export const VMM_ANY_CPU = -1;

/** What KVM is asked for unless something else is wanted. */
export const VMM_DEFAULTS = {
  apic_llc_bits: 0,
  nodes: 0,
  memory_kind: VMM_MEMORY.anonymous,
  maps_initrd: 0,
  kick: VMM_KICK.exit,
  halt_poll_ns: VMM_HOST_DEFAULT,
  no_exits: 0,
  hits_fd: VMM_NO_FD,
} as const;

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
