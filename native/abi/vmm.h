/*
 * C ABI of libktstr_vmm.so: an x86-64 machine over KVM, many of them in one process.
 *
 * A call that can fail returns 0, or a negative errno with the caller's record filled. The library calls nothing of its
 * user: what the guest writes is appended to files that the user gave, and the end of a machine is the end of a pipe.
 */
#ifndef KTSTR_VMM_H
#define KTSTR_VMM_H

#include <stdint.h>

#define VMM_ABI 1

/* A descriptor that is not given. */
#define VMM_NO_FD (-1)

enum vmm_image {
	/* A Linux kernel: a bzImage, or an ELF image with a PVH note. */
	VMM_IMAGE_LINUX = 0,
	/* Instructions, loaded at 0x1000 and started there in real mode on each vcpu. No CPUID, no tables. */
	VMM_IMAGE_RAW = 1,
};

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

/* FIELD(type, name) and ARRAY(type, name, count), in the order of the structure. */
#define VMM_CONFIG(FIELD, ARRAY)      \
	FIELD(uint64_t, memory_bytes) \
	FIELD(uint32_t, numa_nodes)   \
	FIELD(uint32_t, llcs)         \
	FIELD(uint32_t, cores)        \
	FIELD(uint32_t, threads)      \
	FIELD(uint32_t, image)        \
	FIELD(int32_t, kernel_fd)     \
	FIELD(int32_t, initrd_fd)     \
	FIELD(int32_t, com1_fd)       \
	FIELD(int32_t, com2_fd)       \
	FIELD(int32_t, port_fd)

#define VMM_ERROR(FIELD, ARRAY) \
	FIELD(int32_t, code)    \
	ARRAY(char, phase, 20)  \
	ARRAY(char, call, 40)   \
	ARRAY(char, detail, 160)

#define VMM_INFO(FIELD, ARRAY)    \
	FIELD(uint32_t, end)      \
	FIELD(uint32_t, vcpu)     \
	FIELD(uint32_t, reason)   \
	FIELD(uint32_t, vcpus)    \
	FIELD(int32_t, done_fd)   \
	FIELD(uint64_t, exits)    \
	FIELD(uint64_t, pause_ns) \
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
	FIELD(uint64_t, rip)        \
	FIELD(uint64_t, rflags)     \
	FIELD(uint64_t, cr0)        \
	FIELD(uint64_t, cr2)        \
	FIELD(uint64_t, cr3)        \
	FIELD(uint64_t, cr4)        \
	FIELD(uint64_t, efer)

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
struct vmm_error {
	VMM_ERROR(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_info {
	VMM_INFO(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_registers {
	VMM_REGISTERS(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};
struct vmm_layout {
	VMM_LAYOUT(VMM_DECLARE_FIELD, VMM_DECLARE_ARRAY)
};

_Static_assert(sizeof(struct vmm_config) == 48, "the configuration is part of the ABI");
_Static_assert(sizeof(struct vmm_error) == 224, "the error record is part of the ABI");
_Static_assert(sizeof(struct vmm_info) == 200, "the information is part of the ABI");
_Static_assert(sizeof(struct vmm_registers) == 120, "the registers are part of the ABI");

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
VMM_EXPORT int vmm_create(const struct vmm_config *config, const char *cmdline, struct vmm **vmm,
			  struct vmm_error *error);

/* Lets the vcpus run. To be called once. */
VMM_EXPORT int vmm_start(struct vmm *vmm, struct vmm_error *error);

/*
 * Returns when no vcpu is in the guest any more; -ETIMEDOUT when one does not leave it in time, in which case all run
 * on. A machine that has ended counts as paused. Pauses do not nest.
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

/* Copies guest-physical memory. -EFAULT when a part of the range is not RAM. */
VMM_EXPORT int vmm_read(struct vmm *vmm, uint64_t gpa, void *out, uint64_t length);

/* Overwrites guest-physical memory. -EFAULT, and nothing written, when a part of the range is not RAM. */
VMM_EXPORT int vmm_write(struct vmm *vmm, uint64_t gpa, const void *data, uint64_t length);

#endif
