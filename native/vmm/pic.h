#ifndef VMM_PIC_H
#define VMM_PIC_H

#include "bus.h"

#include <stdatomic.h>

#define PIC_PORT 0x20
#define PIC_SLAVE_PORT 0xa0
#define PIC_PORTS 2

/*
 * An 8259 that interrupts nobody: Linux looks for one by its mask, and has the interrupts of the ISA bus only where it
 * finds one. They then go through the IOAPIC.
 */
struct pic {
	_Atomic uint8_t mask;
};

extern const struct device_ops pic_ops;

#endif
