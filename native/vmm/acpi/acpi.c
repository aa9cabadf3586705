/* RSDP, XSDT, FADT, MADT and a DSDT that knows how to power off: ACPI 6.5, section 5.2. */
#include "acpi.h"

#include <string.h>

#define HEADER 36
#define RSDP_BYTES 64
#define XSDT_BYTES 64
#define FADT_BYTES 276
#define LAPIC_GPA 0xfee00000u
#define IOAPIC_GPA 0xfec00000u
#define PM_EVENT_PORT 0x600
#define PM_CONTROL_PORT 0x604
#define SCI_GSI 9

struct builder {
	uint8_t *out;
	size_t used, capacity;
	uint64_t base;
};

static uint8_t *take(struct builder *builder, size_t bytes)
{
	uint8_t *at = builder->out + builder->used;

	if (bytes > builder->capacity - builder->used)
		return NULL;
	memset(at, 0, bytes);
	builder->used += bytes;
	return at;
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void put64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
}

static uint8_t checksum(const uint8_t *at, size_t bytes)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum += at[i];
	return (uint8_t)-sum;
}

static void finish(uint8_t *table, const char *signature, uint8_t revision, uint32_t bytes)
{
	memcpy(table, signature, 4);
	put32(table + 4, bytes);
	table[8] = revision;
	memcpy(table + 10, "KTSTR ", 6);
	memcpy(table + 16, "KTSTRVMM", 8);
	put32(table + 24, 1);
	memcpy(table + 28, "KTST", 4);
	put32(table + 32, 1);
	table[9] = checksum(table, bytes);
}

/* Name (\_S5, Package () { 5, 5, 0, 0 }) */
static const uint8_t aml[] = { 0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x04, 0x0a, 0x05, 0x0a, 0x05, 0x00, 0x00 };

static uint64_t add_dsdt(struct builder *builder)
{
	uint64_t gpa = builder->base + builder->used;
	uint8_t *table = take(builder, HEADER + sizeof(aml));

	if (!table)
		return 0;
	memcpy(table + HEADER, aml, sizeof(aml));
	finish(table, "DSDT", 2, HEADER + sizeof(aml));
	return gpa;
}

static uint64_t add_fadt(struct builder *builder, uint64_t dsdt)
{
	uint64_t gpa;
	uint8_t *table;

	builder->used = (builder->used + 7) & ~(size_t)7;
	gpa = builder->base + builder->used;
	table = take(builder, FADT_BYTES);
	if (!table)
		return 0;
	put32(table + 40, (uint32_t)dsdt);
	table[46] = SCI_GSI;
	put32(table + 56, PM_EVENT_PORT);
	put32(table + 64, PM_CONTROL_PORT);
	table[88] = 4;
	table[89] = 2;
	/* No C2, no C3; a serial port but neither VGA nor a keyboard controller. */
	put32(table + 96, 0x0fff0fff);
	table[108] = 50;
	table[109] = 0x01 | 0x04;
	/* WBINVD, no power button, no sleep button. */
	put32(table + 112, 0x01 | 0x10 | 0x20);
	put64(table + 140, dsdt);
	finish(table, "FACP", 6, FADT_BYTES);
	return gpa;
}

static uint64_t add_madt(struct builder *builder, const struct vmm_topology *topology)
{
	uint32_t cpus = topology->llcs * topology->cores * topology->threads;
	uint32_t bytes = HEADER + 8 + 8 * cpus + 12;
	uint64_t gpa;
	uint8_t *table, *at;

	builder->used = (builder->used + 7) & ~(size_t)7;
	gpa = builder->base + builder->used;
	table = take(builder, bytes);
	if (!table)
		return 0;
	put32(table + HEADER, LAPIC_GPA);
	put32(table + HEADER + 4, 1);
	at = table + HEADER + 8;
	for (uint32_t cpu = 0; cpu < cpus; cpu++, at += 8) {
		at[1] = 8;
		at[2] = (uint8_t)cpu;
		at[3] = (uint8_t)apic_id_of(topology, cpu);
		at[4] = 1;
	}
	at[0] = 1;
	at[1] = 12;
	put32(at + 4, IOAPIC_GPA);
	finish(table, "APIC", 5, bytes);
	return gpa;
}

size_t acpi_build(const struct acpi_config *config, uint8_t *out, size_t capacity)
{
	struct builder builder = { .out = out, .capacity = capacity, .base = config->base };
	uint8_t *rsdp = take(&builder, RSDP_BYTES), *xsdt = take(&builder, XSDT_BYTES);
	uint64_t fadt, madt;

	if (!rsdp || !xsdt)
		return 0;
	fadt = add_fadt(&builder, add_dsdt(&builder));
	madt = add_madt(&builder, config->topology);
	if (!fadt || !madt)
		return 0;
	put64(xsdt + HEADER, fadt);
	put64(xsdt + HEADER + 8, madt);
	finish(xsdt, "XSDT", 1, HEADER + 16);
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, "KTSTR ", 6);
	rsdp[15] = 2;
	put32(rsdp + 20, 36);
	put64(rsdp + 24, config->base + RSDP_BYTES);
	rsdp[8] = checksum(rsdp, 20);
	rsdp[32] = checksum(rsdp, 36);
	return builder.used;
}
