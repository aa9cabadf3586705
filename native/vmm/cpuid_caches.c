#include "cpuid_caches.h"
#include "cpuid_entries.h"

#include <stddef.h>

/* Chosen: no CPU has as many, and with the spare entries all fit. */
#define MAX_CACHES 6
#define LINE_BYTES 64
/* A field of six bits; CPUs with more cores report it full. */
#define MAX_CORES_MINUS_1 63

enum cache_type { NO_CACHE = 0, DATA = 1, INSTRUCTIONS = 2, UNIFIED = 3 };

struct cache {
	enum cache_type type;
	uint32_t level;
	uint32_t ways;
	uint32_t kib;
};

/* Chosen: like those of a server of today; what matters is that there is one of each kind. */
static const struct cache made_up[] = {
	{ DATA, 1, 8, 32 },
	{ INSTRUCTIONS, 1, 8, 32 },
	{ UNIFIED, 2, 8, 1024 },
	{ UNIFIED, 3, 16, 16384 },
};

static uint32_t level_of(const struct kvm_cpuid_entry2 *entry)
{
	return entry->eax >> 5 & 7;
}

static enum cache_type type_of(const struct kvm_cpuid_entry2 *entry)
{
	return entry->eax & 0x1f;
}

static struct kvm_cpuid_entry2 entry_of(const struct cache *cache)
{
	uint32_t sets = cache->kib * 1024 / cache->ways / LINE_BYTES;
	const uint32_t self_initializing = 1 << 8;

	return (struct kvm_cpuid_entry2){
		.eax = cache->type | cache->level << 5 | self_initializing,
		.ebx = (LINE_BYTES - 1) | (cache->ways - 1) << 22,
		.ecx = sets - 1,
	};
}

/* The host's caches in their order, then the made up ones of kinds that it does not tell of. Gives their number. */
static uint32_t collect(struct kvm_cpuid2 *cpuid, uint32_t function, struct kvm_cpuid_entry2 caches[MAX_CACHES])
{
	const uint32_t spares = sizeof(made_up) / sizeof(made_up[0]);
	uint32_t count = 0, highest = 0;

	/* One place is kept for an L3. */
	while (count < MAX_CACHES - 1) {
		struct kvm_cpuid_entry2 *entry = cpuid_find(cpuid, function, count);

		if (!entry || type_of(entry) == NO_CACHE)
			break;
		caches[count++] = *entry;
		highest = level_of(entry) > highest ? level_of(entry) : highest;
	}
	for (uint32_t i = 0; i < spares && count < MAX_CACHES; i++) {
		if (made_up[i].level > highest)
			caches[count++] = entry_of(&made_up[i]);
	}
	return count;
}

void cpuid_patch_caches(const struct vmm_topology *topology, struct kvm_cpuid2 *cpuid, uint32_t function)
{
	const uint32_t core_ids = 1U << vmm_thread_bits(topology), llc_ids = 1U << vmm_llc_bits(topology);
	const uint32_t cores = llc_ids / core_ids - 1;
	struct kvm_cpuid_entry2 caches[MAX_CACHES], end = { .function = function };
	uint32_t count = collect(cpuid, function, caches);

	cpuid_drop(cpuid, function);
	for (uint32_t i = 0; i < count; i++) {
		struct kvm_cpuid_entry2 *cache = &caches[i];

		cache->function = function;
		cache->index = i;
		cache->eax = with_bits(cache->eax, 25, 14, (level_of(cache) < 3 ? core_ids : llc_ids) - 1);
		/* Reserved in AMD's leaf. */
		if (function == LEAF_CACHES_INTEL)
			cache->eax =
				with_bits(cache->eax, 31, 26, cores < MAX_CORES_MINUS_1 ? cores : MAX_CORES_MINUS_1);
		cpuid_add_subleaf(cpuid, cache);
	}
	end.index = count;
	cpuid_add_subleaf(cpuid, &end);
}

uint32_t cpuid_made_up_l3(void)
{
	const uint32_t half_mib_units = made_up[3].kib / 512, sixteen_ways = 8, lines_per_tag = 1;

	return half_mib_units << 18 | sixteen_ways << 12 | lines_per_tag << 8 | LINE_BYTES;
}
