/* The layout of the shared structures as the compiler of this library saw them. */
#include "vmm.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define ENTRY(type, name) { #type, #name, offsetof(struct type, name), sizeof(((struct type *)0)->name) },

#define CONFIG_FIELD(type, name) ENTRY(vmm_config, name)
#define ERROR_FIELD(type, name) ENTRY(vmm_error, name)
#define ERROR_ARRAY(type, name, count) ENTRY(vmm_error, name)
#define INFO_FIELD(type, name) ENTRY(vmm_info, name)
#define INFO_ARRAY(type, name, count) ENTRY(vmm_info, name)
#define REGISTER_FIELD(type, name) ENTRY(vmm_registers, name)
#define RANGE_FIELD(type, name) ENTRY(vmm_range, name)
#define HIT_FIELD(type, name) ENTRY(vmm_hit, name)
#define NO_ARRAY(type, name, count)

static const struct vmm_layout layouts[] = {
	/* clang-format off */
	VMM_CONFIG(CONFIG_FIELD, NO_ARRAY)
	VMM_ERROR(ERROR_FIELD, ERROR_ARRAY)
	VMM_INFO(INFO_FIELD, INFO_ARRAY)
	VMM_REGISTERS(REGISTER_FIELD, NO_ARRAY)
	VMM_RANGE(RANGE_FIELD, NO_ARRAY)
	VMM_HIT(HIT_FIELD, NO_ARRAY)
	/* clang-format on */
};

uint32_t vmm_abi(void)
{
	return VMM_ABI;
}

int vmm_layout_at(uint32_t index, struct vmm_layout *layout)
{
	if (index >= sizeof(layouts) / sizeof(layouts[0]))
		return -ENOENT;
	*layout = layouts[index];
	return 0;
}
