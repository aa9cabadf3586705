#include "aml.h"
#include "tables.h"

/* Of the name of a device, which ends in three hexadecimal digits. */
static void name_device(char name[5], uint32_t index)
{
	static const char digits[] = "0123456789ABCDEF";

	name[0] = 'V';
	name[1] = digits[index >> 8 & 0xf];
	name[2] = digits[index >> 4 & 0xf];
	name[3] = digits[index & 0xf];
	name[4] = '\0';
}

static void put_virtio(const struct acpi_device *device, uint32_t index, struct acpi_writer *writer)
{
	char name[5];
	size_t start, resources;

	name_device(name, index);
	start = aml_begin_device(writer, name);
	aml_name(writer, "_HID");
	aml_string(writer, "LNRO0005");
	aml_name(writer, "_UID");
	aml_integer(writer, index);
	/* DMA of the device is coherent with the caches. */
	aml_name(writer, "_CCA");
	aml_integer(writer, 1);
	aml_name(writer, "_CRS");
	resources = aml_begin_resources(writer);
	aml_memory32(writer, device->base, device->size);
	aml_interrupt(writer, device->gsi, device->edge_triggered ? AML_EDGE : AML_LEVEL);
	aml_end_resources(writer, resources);
	aml_end(writer, start);
}

/* Values for the control blocks A and B, then two that are reserved. Linux asks for it with reduced hardware too. */
static void put_sleep_type(struct acpi_writer *writer)
{
	size_t package;

	aml_name(writer, "_S5_");
	package = aml_begin_package(writer, 4);
	aml_integer(writer, ACPI_SLEEP_TYPE_OFF);
	for (int rest = 0; rest < 3; rest++)
		aml_integer(writer, 0);
	aml_end(writer, package);
}

size_t acpi_dsdt(const struct acpi_config *config, struct acpi_writer *writer)
{
	size_t start = acpi_begin_table(writer, "DSDT", 2), scope;

	put_sleep_type(writer);
	scope = aml_begin_scope(writer, "_SB_");
	for (uint32_t i = 0; i < config->device_count; i++)
		put_virtio(&config->devices[i], i, writer);
	aml_end(writer, scope);
	acpi_end_table(writer, start);
	return start;
}
