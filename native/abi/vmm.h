/*
 * C ABI of libktstr_vmm.so: an x86-64 machine over KVM, many of them in one process.
 *
 * A call that can fail returns 0, or a negative errno with the caller's record filled. The library calls nothing of its
 * user: what the guest writes is appended to files that the user gave, and the end of a machine is the end of a pipe.
 */
#ifndef KTSTR_VMM_H
#define KTSTR_VMM_H

#include <stdint.h>

#define VMM_ABI 3

/* A descriptor that is not given. */
#define VMM_NO_FD (-1)

enum vmm_image {
	/* A Linux kernel: a bzImage, or an ELF image with a PVH note. */
	VMM_IMAGE_LINUX = 0,
	/* Instructions, loaded at 0x1000 and started there in real mode on each vcpu. No CPUID, no tables. */
	VMM_IMAGE_RAW = 1,
	/* The same with interrupt controllers, so that a halt waits. */
	VMM_IMAGE_RAW_INTERRUPTS = 2,
};

/* What guest RAM is made of. */
enum vmm_memory {
	/* Memory of this process alone, in huge pages where the host gives them. */
	VMM_MEMORY_ANONYMOUS = 0,
	/* A file in memory, which others can map: see vmm_range_at. */
	VMM_MEMORY_SHARED = 1,
	/* The same from the host's pool of pages of 2 MiB, which has to have enough of them. */
	VMM_MEMORY_HUGETLB = 2,
};

/* How the guest's notice of a frame in the queue of port 1 arrives. */
enum vmm_kick {
	/* Its vcpu leaves the guest and carries the frame itself. */
	VMM_KICK_EXIT = 0,
	/* A thread of the machine carries it, while the vcpu runs on. */
	VMM_KICK_EVENT = 1,
};

/* Instead of a number of nanoseconds: what the host has set. */
#define VMM_HOST_DEFAULT UINT32_MAX

/* Instead of a vcpu: the machine. */
#define VMM_MACHINE UINT32_MAX

/* Instead of a host CPU: wherever the host puts it. */
#define VMM_ANY_CPU (-1)

#define VMM_WATCHPOINTS 4

enum vmm_end {
	VMM_RUNNING = 0,
	VMM_POWEROFF = 1,
	VMM_RESET = 2,
	VMM_TRIPLE_FAULT = 3,
	/* Ended by vmm_stop. */
	VMM_STOPPED = 4,
	/* KVM could not go on: see reason and detail. */
	VMM_INTERNAL_ERROR = 5,
	VMM_ENTRY_FAILED = 6,
	/* A system call of the library failed. */
	VMM_BROKEN = 7,
	/* A raw guest without interrupts halted. */
	VMM_HALTED = 8,
};

/*
 * FIELD(type, name) and ARRAY(type, name, count), in the order of the structure. In the configuration: `maps_initrd`
 * puts the file itself into anonymous memory, copied page by page as the guest writes; `no_exits` are bits
 * KVM_X86_DISABLE_EXITS_* of linux/kvm.h; `apic_llc_bits` is how many bits of an APIC id stand below those of the LLC,
 * 0 for as few as can be. `nodes` is how many records of nodes come with it; 0 for as many nodes as have CPUs, with
 * even shares of memory and nothing told of it.
 */
#define VMM_CONFIG(FIELD, ARRAY)       \
	FIELD(uint64_t, memory_bytes)  \
	FIELD(uint32_t, numa_nodes)    \
	FIELD(uint32_t, llcs)          \
	FIELD(uint32_t, cores)         \
	FIELD(uint32_t, threads)       \
	FIELD(uint32_t, apic_llc_bits) \
	FIELD(uint32_t, nodes)         \
	FIELD(uint32_t, image)         \
	FIELD(uint32_t, memory_kind)   \
	FIELD(uint32_t, maps_initrd)   \
	FIELD(uint32_t, kick)          \
	FIELD(uint32_t, halt_poll_ns)  \
	FIELD(uint32_t, no_exits)      \
	FIELD(int32_t, kernel_fd)      \
	FIELD(int32_t, initrd_fd)      \
	FIELD(int32_t, com1_fd)        \
	FIELD(int32_t, com2_fd)        \
	FIELD(int32_t, port_fd)        \
	FIELD(int32_t, hits_fd)

/*
 * Memory of a NUMA node. The first nodes have the CPUs; the others are memory alone. Of all nodes, or of none, it is
 * told what the nearest CPUs see of their memory: a latency of 0 says nothing. `cache_bytes` is the size of the cache
 * on the side of the memory, 0 without one.
 */
#define VMM_NODE(FIELD, ARRAY)        \
	FIELD(uint64_t, memory_bytes) \
	FIELD(uint64_t, cache_bytes)  \
	FIELD(uint32_t, latency_ns)   \
	FIELD(uint32_t, bandwidth_mbps)

#define VMM_ERROR(FIELD, ARRAY) \
	FIELD(int32_t, code)    \
	ARRAY(char, phase, 20)  \
	ARRAY(char, call, 40)   \
	ARRAY(char, detail, 160)

/* `clocks_run_on`: a pause has ended, and KVM could not let the guest's clocks stand still in it. */
#define VMM_INFO(FIELD, ARRAY)         \
	FIELD(uint32_t, end)           \
	FIELD(uint32_t, vcpu)          \
	FIELD(uint32_t, reason)        \
	FIELD(uint32_t, vcpus)         \
	FIELD(int32_t, done_fd)        \
	FIELD(uint32_t, clocks_run_on) \
	FIELD(uint64_t, exits)         \
	FIELD(uint64_t, pause_ns)      \
	ARRAY(char, detail, 160)

#define VMM_REGISTERS(FIELD, ARRAY) \
	FIELD(uint64_t, rax)        \
	FIELD(uint64_t, rbx)        \
	FIELD(uint64_t, rcx)        \
	FIELD(uint64_t, rdx)        \
	FIELD(uint64_t, rsi)        \
	FIELD(uint64_t, rdi)        \
	FIELD(uint64_t, rsp)        \
	FIELD(uint64_t, rbp)        \
	FIELD(uint64_t, r8)         \
	FIELD(uint64_t, r9)         \
	FIELD(uint64_t, r10)        \
	FIELD(uint64_t, r11)        \
	FIELD(uint64_t, r12)        \
	FIELD(uint64_t, r13)        \
	FIELD(uint64_t, r14)        \
	FIELD(uint64_t, r15)        \
	FIELD(uint64_t, rip)        \
	FIELD(uint64_t, rflags)     \
	FIELD(uint64_t, cs)         \
	FIELD(uint64_t, ss)         \
	FIELD(uint64_t, ds)         \
	FIELD(uint64_t, es)         \
	FIELD(uint64_t, fs)         \
	FIELD(uint64_t, gs)         \
	FIELD(uint64_t, tr)         \
	FIELD(uint64_t, cs_base)    \
	FIELD(uint64_t, fs_base)    \
	FIELD(uint64_t, gs_base)    \
	FIELD(uint64_t, gdt_base)   \
	FIELD(uint64_t, gdt_limit)  \
	FIELD(uint64_t, idt_base)   \
	FIELD(uint64_t, idt_limit)  \
	FIELD(uint64_t, cr0)        \
	FIELD(uint64_t, cr2)        \
	FIELD(uint64_t, cr3)        \
	FIELD(uint64_t, cr4)        \
	FIELD(uint64_t, cr8)        \
	FIELD(uint64_t, efer)       \
	FIELD(uint64_t, apic_base)

#define VMM_RANGE(FIELD, ARRAY)  \
	FIELD(uint64_t, gpa)     \
	FIELD(uint64_t, bytes)   \
	FIELD(uint64_t, address) \
	FIELD(uint64_t, offset)  \
	FIELD(uint32_t, node)    \
	FIELD(int32_t, fd)

#define VMM_HIT(FIELD, ARRAY)    \
	FIELD(uint64_t, rip)     \
	FIELD(uint64_t, address) \
	FIELD(uint32_t, vcpu)    \
	FIELD(uint32_t, slot)    \
	FIELD(uint32_t, pauses)  \
	FIELD(uint32_t, reserved)

#define VMM_LAYOUT(FIELD, ARRAY)   \
	ARRAY(char, structure, 24) \
	ARRAY(char, field, 24)     \
	FIELD(uint32_t, offset)    \
	FIELD(uint32_t, size)

#define VMM_DECLARE_FIELD(type, name) type name;
#define VMM_DECLARE_ARRAY(type, name, count) type name[count];

struct vmm_config {
	VMM_CONFIG(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_node {
	VMM_NODE(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_error {
	VMM_ERROR(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_info {
	VMM_INFO(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_registers {
	VMM_REGISTERS(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_range {
	VMM_RANGE(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_hit {
	VMM_HIT(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_layout {
	VMM_LAYOUT(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};

_Static_assert(sizeof(struct vmm_config) == 80, "the configuration is part of the ABI");
_Static_assert(sizeof(struct vmm_node) == 24, "the node is part of the ABI");
_Static_assert(sizeof(struct vmm_error) == 224, "the error record is part of the ABI");
_Static_assert(sizeof(struct vmm_info) == 200, "the information is part of the ABI");
_Static_assert(sizeof(struct vmm_registers) == 312, "the registers are part of the ABI");
_Static_assert(sizeof(struct vmm_range) == 40, "the range is part of the ABI");
_Static_assert(sizeof(struct vmm_hit) == 32, "the hit is part of the ABI");

struct vmm;

#define VMM_EXPORT __attribute__((visibility("default")))

/* The value of VMM_ABI that the library was built with. */
VMM_EXPORT uint32_t vmm_abi(void);

/* The layout of field `index` over all structures. Returns 0, or -ENOENT behind the last one. */
VMM_EXPORT int vmm_layout_at(uint32_t index, struct vmm_layout *layout);

/*
 * Makes a machine with its memory filled and its vcpus ready; nothing runs yet. The descriptors of the lines are
 * duplicated, those of the images are read only within the call.
 */
VMM_EXPORT int vmm_create(const struct vmm_config *config, const struct vmm_node *nodes, const char *cmdline,
			  struct vmm **vmm, struct vmm_error *error);

/*
 * Ties a vcpu's thread to a host CPU, and runs it with SCHED_FIFO when the priority is not 0. Before the start, which
 * then fails where the host does not allow it.
 */
VMM_EXPORT int vmm_place(struct vmm *vmm, uint32_t vcpu, int32_t host_cpu, uint32_t fifo_priority,
			 struct vmm_error *error);

/* Lets the vcpus run. To be called once. */
VMM_EXPORT int vmm_start(struct vmm *vmm, struct vmm_error *error);

/*
 * Returns when no vcpu is in the guest any more; -ETIMEDOUT when one does not leave it in time, in which case all run
 * on. A machine that has ended counts as paused. Pauses do not nest. The guest sees no time pass in a pause, where KVM
 * can move its clocks.
 */
VMM_EXPORT int vmm_pause(struct vmm *vmm, uint32_t deadline_ms, struct vmm_error *error);
VMM_EXPORT void vmm_resume(struct vmm *vmm);

/* Asks the machine to end; the end of the pipe says that it has. Does nothing to one that has ended. */
VMM_EXPORT void vmm_stop(struct vmm *vmm);

/* Stops the machine, waits for its threads and gives all back. The reading end of the pipe stays the user's. */
VMM_EXPORT void vmm_destroy(struct vmm *vmm);

/*
 * What is known of the machine. `done_fd` is the reading end of a pipe that ends when the last vcpu has left; it is
 * the user's to close.
 */
VMM_EXPORT void vmm_info(struct vmm *vmm, struct vmm_info *info);

/* Registers of a vcpu of a paused or ended machine. -EBUSY while it runs, -ENOENT when there is no such vcpu. */
VMM_EXPORT int vmm_registers(struct vmm *vmm, uint32_t vcpu, struct vmm_registers *registers, struct vmm_error *error);

/* Copy guest-physical memory, while the machine runs, too. -EFAULT, and nothing copied, when a part of the range is not
 * RAM. */
VMM_EXPORT int vmm_read(struct vmm *vmm, uint64_t gpa, void *out, uint64_t length);
VMM_EXPORT int vmm_write(struct vmm *vmm, uint64_t gpa, const void *from, uint64_t length);

/*
 * Part `index` of guest RAM: where the guest has it, where this process has it until the machine is destroyed, and
 * where it is in the file that it is made of. `fd` stays the machine's; VMM_NO_FD when there is no file. Returns 0, or
 * -ENOENT behind the last one.
 */
VMM_EXPORT int vmm_range_at(struct vmm *vmm, uint32_t index, struct vmm_range *range);

/* Thread of a vcpu, or 0 when it does not run. */
VMM_EXPORT int32_t vmm_thread(struct vmm *vmm, uint32_t vcpu);

/*
 * A file of KVM's statistics of a vcpu or of VMM_MACHINE, in the format of KVM_GET_STATS_FD. It is the user's to close,
 * and tells until then. That of a vcpu is given while the machine does not run. Negative errors.
 */
VMM_EXPORT int vmm_stats(struct vmm *vmm, uint32_t vcpu, struct vmm_error *error);

/*
 * Watches writes to 1, 2, 4 or 8 bytes at a virtual address, which is a multiple of that, with debug register `slot` of
 * all vcpus; 0 bytes end that. Each write appends a struct vmm_hit to `hits_fd`, in which `rip` is behind the writing
 * instruction; with `pauses`, the machine then pauses as by vmm_pause(), which waits until it has. While the machine
 * does not run, else -EBUSY. The guest's own use of its debug registers has no effect meanwhile, and neither has
 * single-stepping in it (uprobes, a debugger).
 */
VMM_EXPORT int vmm_watch(struct vmm *vmm, uint32_t slot, uint64_t address, uint32_t bytes, uint32_t pauses,
			 struct vmm_error *error);

#endif
