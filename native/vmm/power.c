#include "power.h"
#include "acpi/acpi.h"
#include "vmm.h"

/* ACPI 6.5, section 4.8.3. */
#define PM_ENABLE 2
#define SCI_EN 0x0001
#define SLP_TYP_SHIFT 10
#define SLP_TYP_BITS 7
#define SLP_EN 0x2000

#define I8042_COMMAND 4
#define I8042_PULSE_RESET 0xfe
#define RESET_CPU 0x04

static uint64_t pm_read(void *device, struct access access)
{
	struct power *power = device;

	/* There is no event, ever. ACPI is on from the start. */
	if (access.offset == PM_ENABLE)
		return power->pm_enable;
	if (access.offset == ACPI_FIXED_CONTROL)
		return power->pm_control | SCI_EN;
	return 0;
}

static void pm_write(void *device, struct access access, uint64_t value)
{
	struct power *power = device;

	if (access.offset == PM_ENABLE)
		power->pm_enable = (uint16_t)value;
	if (access.offset != ACPI_FIXED_CONTROL)
		return;
	power->pm_control = (uint16_t)value & (uint16_t)~SLP_EN;
	if ((value & SLP_EN) && (value >> SLP_TYP_SHIFT & SLP_TYP_BITS) == ACPI_SLEEP_TYPE_OFF)
		power->end(power->vmm, VMM_POWEROFF);
}

const struct device_ops pm_ops = { .read = pm_read, .write = pm_write };

/* A keyboard controller without a keyboard: its buffers are empty, and it resets the machine. */
static uint64_t i8042_read(void *device, struct access access)
{
	(void)device;
	(void)access;
	return 0;
}

static void i8042_write(void *device, struct access access, uint64_t value)
{
	struct power *power = device;

	if (access.offset == I8042_COMMAND && (uint8_t)value == I8042_PULSE_RESET)
		power->end(power->vmm, VMM_RESET);
}

const struct device_ops i8042_ops = { .read = i8042_read, .write = i8042_write };

static uint64_t reset_read(void *device, struct access access)
{
	(void)device;
	(void)access;
	return 0;
}

static void reset_write(void *device, struct access access, uint64_t value)
{
	struct power *power = device;

	(void)access;
	if (value & RESET_CPU)
		power->end(power->vmm, VMM_RESET);
}

const struct device_ops reset_ops = { .read = reset_read, .write = reset_write };
