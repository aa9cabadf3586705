#include "tables.h"

/* Flags, ACPI 6.5, table 5.10. */
#define WBINVD (1U << 0)
#define C1_ON_ALL (1U << 2)
#define NO_FIXED_POWER_BUTTON (1U << 4)
#define NO_FIXED_SLEEP_BUTTON (1U << 5)
#define NO_FIXED_RTC (1U << 6)
#define RESET_REGISTER (1U << 10)
#define HEADLESS (1U << 12)
#define PHYSICAL_DESTINATIONS (1U << 19)
#define HW_REDUCED (1U << 20)

/* Boot architecture flags. There is no keyboard controller to probe: its reset line is used without asking. */
#define NO_VGA (1U << 2)

/* Latencies that say there is neither C2 nor C3. */
#define NO_C2 101
#define NO_C3 1001

#define EVENT_BYTES 4
#define CONTROL_BYTES 2

/* Logical ids of a local APIC whose id has more than eight bits are too wide for an interrupt of a device. */
static uint32_t destinations(const struct acpi_config *config)
{
	return vmm_max_apic_id(&config->topology) > ACPI_MAX_XAPIC_ID ? PHYSICAL_DESTINATIONS : 0;
}

/* Fields of ACPI 1.0, from FIRMWARE_CTRL to the flags. */
static void put_fixed_hardware(const struct acpi_config *config, struct acpi_writer *writer)
{
	bool fixed = !config->hardware_reduced;

	/* FIRMWARE_CTRL and DSDT are given in 64 bits below; the profile is not told. */
	acpi_put_zeros(writer, 10);
	acpi_put(writer, 2, fixed ? ACPI_SCI_GSI : 0);
	/* Without SMI_CMD ACPI is on from the start. */
	acpi_put_zeros(writer, 8);
	acpi_put(writer, 4, fixed ? config->pm_port + ACPI_FIXED_EVENT : 0);
	acpi_put(writer, 4, 0);
	acpi_put(writer, 4, fixed ? config->pm_port + ACPI_FIXED_CONTROL : 0);
	/* No second control block, PM2, timer nor general events. */
	acpi_put_zeros(writer, 20);
	acpi_put(writer, 1, fixed ? EVENT_BYTES : 0);
	acpi_put(writer, 1, fixed ? CONTROL_BYTES : 0);
	acpi_put_zeros(writer, 6);
	acpi_put(writer, 2, NO_C2);
	acpi_put(writer, 2, NO_C3);
	/* Sizes for flushing, the duty cycle and the RTC's alarms. */
	acpi_put_zeros(writer, 9);
	acpi_put(writer, 2, NO_VGA);
	acpi_put(writer, 1, 0);
	acpi_put(writer, 4,
		 WBINVD | C1_ON_ALL | NO_FIXED_POWER_BUTTON | NO_FIXED_SLEEP_BUTTON | NO_FIXED_RTC | RESET_REGISTER |
			 HEADLESS | destinations(config) | (fixed ? 0 : HW_REDUCED));
}

static void put_extended_ports(const struct acpi_config *config, struct acpi_writer *writer)
{
	bool fixed = !config->hardware_reduced;

	if (fixed)
		acpi_put_port(writer, config->pm_port + ACPI_FIXED_EVENT, EVENT_BYTES);
	else
		acpi_put_no_port(writer);
	acpi_put_no_port(writer);
	if (fixed)
		acpi_put_port(writer, config->pm_port + ACPI_FIXED_CONTROL, CONTROL_BYTES);
	else
		acpi_put_no_port(writer);
	for (int absent = 0; absent < 5; absent++)
		acpi_put_no_port(writer);
	if (fixed) {
		acpi_put_no_port(writer);
		acpi_put_no_port(writer);
	} else {
		acpi_put_port(writer, config->pm_port + ACPI_REDUCED_SLEEP_CONTROL, 1);
		acpi_put_port(writer, config->pm_port + ACPI_REDUCED_SLEEP_STATUS, 1);
	}
}

size_t acpi_fadt(const struct acpi_config *config, const struct acpi_fadt_addresses *at, struct acpi_writer *writer)
{
	const uint8_t major = 6, minor = 3;
	size_t start = acpi_begin_table(writer, "FACP", major);

	put_fixed_hardware(config, writer);
	acpi_put_port(writer, config->reset_port, 1);
	acpi_put(writer, 1, config->reset_value);
	acpi_put(writer, 2, 0);
	acpi_put(writer, 1, minor);
	acpi_put(writer, 8, at->facs);
	acpi_put(writer, 8, at->dsdt);
	put_extended_ports(config, writer);
	acpi_put_bytes(writer, "KVMKVMKV", 8);
	acpi_end_table(writer, start);
	return start;
}
