#ifndef VMM_POWER_H
#define VMM_POWER_H

#include "bus.h"

#include <stdatomic.h>

/* Fixed hardware of ACPI: the event block of four bytes, then the control block of two. */
#define PM_PORT 0x600
#define PM_PORTS 6
#define I8042_PORT 0x60
#define I8042_PORTS 5
#define RESET_PORT 0xcf9
#define RESET_VALUE 0x06

/* What a guest uses to end its machine. */
struct power {
	void (*end)(void *vmm, uint32_t kind);
	void *vmm;
	_Atomic uint16_t pm_enable, pm_control;
};

extern const struct device_ops pm_ops, i8042_ops, reset_ops;

#endif
