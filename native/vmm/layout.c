/* The layout of the shared structures as the compiler of this library saw them. */
#include "layout.h"
#include "vmm.h"

#define CONFIG_FIELD(type, name) LAYOUT_ENTRY(vmm_config, name)
#define NODE_FIELD(type, name) LAYOUT_ENTRY(vmm_node, name)
#define ERROR_FIELD(type, name) LAYOUT_ENTRY(vmm_error, name)
#define ERROR_ARRAY(type, name, count) LAYOUT_ENTRY(vmm_error, name)
#define INFO_FIELD(type, name) LAYOUT_ENTRY(vmm_info, name)
#define INFO_ARRAY(type, name, count) LAYOUT_ENTRY(vmm_info, name)
#define REGISTER_FIELD(type, name) LAYOUT_ENTRY(vmm_registers, name)
#define RANGE_FIELD(type, name) LAYOUT_ENTRY(vmm_range, name)
#define HIT_FIELD(type, name) LAYOUT_ENTRY(vmm_hit, name)

static const struct vmm_layout layouts[] = {
	/* clang-format off */
	VMM_CONFIG(CONFIG_FIELD, NO_ARRAY)
	VMM_NODE(NODE_FIELD, NO_ARRAY)
	VMM_ERROR(ERROR_FIELD, ERROR_ARRAY)
	VMM_INFO(INFO_FIELD, INFO_ARRAY)
	VMM_REGISTERS(REGISTER_FIELD, NO_ARRAY)
	VMM_RANGE(RANGE_FIELD, NO_ARRAY)
	VMM_HIT(HIT_FIELD, NO_ARRAY)
	/* clang-format on */
};

LAYOUT_FUNCTIONS(vmm, VMM_ABI)
