#ifndef KTSTR_OPS_LAYOUT_H
#define KTSTR_OPS_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

/* Where a sched_ext scheduler hands its watchdog's limit to the kernel: the value of its struct_ops map. */
struct ops_layout {
	/* BTF id of struct bpf_struct_ops_sched_ext_ops, by which the map is told from other struct_ops maps. */
	uint32_t value_type;
	/* Of ops.timeout_ms in the value, in bytes. */
	uint32_t timeout_offset;
};

/*
 * Finds it in the kernel's BTF (Documentation/bpf/btf.rst). Returns 0, -ENOENT when the kernel has no such structure,
 * -EINVAL when the BTF is not understood.
 */
int ops_layout_find(const uint8_t *btf, size_t length, struct ops_layout *layout);

#endif
