/*
 * Makes BPF maps of the kinds that bpftool cannot make or fill, and pins them in /sys/fs/bpf. Prints as JSON what is in
 * those that bpftool cannot show. The task storage holds a value of the process that the argument names.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of some distributions: kernel 6.9. */
#define MAP_TYPE_ARENA 33

#define PAGE 4096UL
#define ARENA_START 0x7000f0010000UL
#define ARENA_PAGES 1024
#define RING_BYTES 8192
#define MAX_CPUS 64

struct sample {
	uint64_t total;
	int32_t level;
};

static const struct {
	char none[1], u64[14], s32[4], sample[7], total[6], level[6];
} strings = { "", "unsigned long", "int", "sample", "total", "level" };

#define NAME(member) offsetof(__typeof__(strings), member)
#define INFO(kind, count) ((uint32_t)(kind) << 24 | (count))

enum { KIND_INT = 1, KIND_STRUCT = 4 };
enum { TYPE_U64 = 1, TYPE_S32, TYPE_SAMPLE };

/* Documentation/bpf/btf.rst */
/* clang-format off */
static const uint32_t types[] = {
	NAME(u64), INFO(KIND_INT, 0), 8, 64,
	NAME(s32), INFO(KIND_INT, 0), 4, 1 << 24 | 32,
	NAME(sample), INFO(KIND_STRUCT, 2), sizeof(struct sample),
	NAME(total), TYPE_U64, 8 * offsetof(struct sample, total),
	NAME(level), TYPE_S32, 8 * offsetof(struct sample, level),
};
/* clang-format on */

static void need(long result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "bpf_maps_sample: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr, const char *what)
{
	long result = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	need(result, what);
	return (int)result;
}

static uint32_t load_btf(void)
{
	struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t header_bytes, types_at, types_bytes, strings_at, strings_bytes;
		uint8_t rest[sizeof(types) + sizeof(strings)];
	} blob = { 0xeb9f, 1, 0, 24, 0, sizeof(types), sizeof(types), sizeof(strings), { 0 } };
	union bpf_attr attr = { 0 };

	memcpy(blob.rest, types, sizeof(types));
	memcpy(blob.rest + sizeof(types), &strings, sizeof(strings));
	attr.btf = (uintptr_t)&blob;
	attr.btf_size = offsetof(__typeof__(blob), rest) + sizeof(blob.rest);
	return (uint32_t)bpf(BPF_BTF_LOAD, &attr, "load BTF");
}

/* Pinned, so that it stays when this process has ended. */
static int create(const char *name, union bpf_attr *attr)
{
	union bpf_attr pin = { 0 };
	char path[64];
	int fd;

	strncpy(attr->map_name, name, sizeof(attr->map_name) - 1);
	fd = bpf(BPF_MAP_CREATE, attr, name);
	snprintf(path, sizeof(path), "/sys/fs/bpf/%s", name);
	pin.pathname = (uintptr_t)path;
	pin.bpf_fd = (uint32_t)fd;
	bpf(BPF_OBJ_PIN, &pin, path);
	return fd;
}

/* Of a per-CPU map `value` holds one for each. */
static void fill(int map, const void *key, const struct sample *value)
{
	union bpf_attr attr = { 0 };

	attr.map_fd = (uint32_t)map;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)value;
	bpf(BPF_MAP_UPDATE_ELEM, &attr, "update an element");
}

static union bpf_attr typed(uint32_t type, uint32_t btf, uint32_t entries)
{
	union bpf_attr attr = { 0 };

	attr.map_type = type;
	attr.key_size = 4;
	attr.value_size = sizeof(struct sample);
	attr.max_entries = entries;
	attr.btf_fd = btf;
	attr.btf_key_type_id = TYPE_S32;
	attr.btf_value_type_id = TYPE_SAMPLE;
	return attr;
}

static void make_storage(uint32_t btf, pid_t pid)
{
	union bpf_attr attr = typed(BPF_MAP_TYPE_TASK_STORAGE, btf, 0);
	struct sample value = { 1ULL << 40 | 7, -3 };
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	need(pidfd, "pidfd_open");
	attr.map_flags = BPF_F_NO_PREALLOC;
	fill(create("s_storage", &attr), &pidfd, &value);
	printf("\"storage\":{\"pid\":%d,\"total\":\"%llu\",\"level\":%d},", pid, (unsigned long long)value.total,
	       value.level);
}

static void make_hash(uint32_t btf)
{
	union bpf_attr attr = typed(BPF_MAP_TYPE_HASH, btf, 100);
	int map;

	attr.map_flags = BPF_F_NO_PREALLOC;
	map = create("s_hash", &attr);
	for (int32_t key = -40; key < 40; key++)
		fill(map, &key, &(struct sample){ (1ULL << 52) + (uint32_t)key, key * 3 });
}

static void make_mmapable(uint32_t btf)
{
	union bpf_attr attr = typed(BPF_MAP_TYPE_ARRAY, btf, 300);
	int map;

	attr.map_flags = BPF_F_MMAPABLE;
	map = create("s_mmapable", &attr);
	for (int32_t key = 0; key < 300; key += 7)
		fill(map, &key, &(struct sample){ (uint64_t)key << 33, -key });
}

static void make_per_cpu(uint32_t type, const char *name, uint32_t btf)
{
	union bpf_attr attr = typed(type, btf, 5);
	struct sample values[MAX_CPUS];
	int map = create(name, &attr);

	for (int32_t key = 0; key < 5; key++) {
		for (int cpu = 0; cpu < MAX_CPUS; cpu++)
			values[cpu] = (struct sample){ (uint64_t)(cpu + 1) << 32 | (uint32_t)key, -cpu };
		fill(map, &key, values);
	}
}

static void *shared(void *at, size_t bytes, int fd, off_t offset)
{
	int fixed = at ? MAP_FIXED_NOREPLACE : 0;
	void *memory = mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | fixed, fd, offset);

	need(memory == MAP_FAILED ? -1 : 0, "mmap");
	return memory;
}

/* User space may write where it reads: the first page; and of a ring that it fills, where it writes: the second. */
static void make_ring(uint32_t type, const char *name, off_t page)
{
	union bpf_attr attr = { 0 };
	uint64_t *position;

	attr.map_type = type;
	attr.max_entries = RING_BYTES;
	position = shared(NULL, PAGE, create(name, &attr), page * (off_t)PAGE);
	*position = 0x123456780ULL + (uint64_t)page;
	printf("\"%s\":\"%llu\",", name, (unsigned long long)*position);
}

static void make_arena(void)
{
	static const int touched[] = { 0, 1, 700, ARENA_PAGES - 1 };
	union bpf_attr attr = { 0 };
	char *arena;

	attr.map_type = MAP_TYPE_ARENA;
	attr.map_flags = BPF_F_MMAPABLE;
	attr.max_entries = ARENA_PAGES;
	attr.map_extra = ARENA_START;
	arena = shared((void *)ARENA_START, ARENA_PAGES * PAGE, create("s_arena", &attr), 0);
	printf("\"arena\":[");
	for (size_t i = 0; i < sizeof(touched) / sizeof(touched[0]); i++) {
		char *page = arena + (size_t)touched[i] * PAGE;

		snprintf(page, PAGE, "page %d", touched[i]);
		printf("%s{\"address\":\"%lu\",\"text\":\"%s\"}", i ? "," : "", (unsigned long)page, page);
	}
	printf("]");
}

int main(int argc, char *argv[])
{
	uint32_t btf;

	if (argc != 2)
		return 2;
	btf = load_btf();
	printf("{");
	make_storage(btf, atoi(argv[1]));
	make_hash(btf);
	make_mmapable(btf);
	make_per_cpu(BPF_MAP_TYPE_PERCPU_ARRAY, "s_percpu_array", btf);
	make_per_cpu(BPF_MAP_TYPE_PERCPU_HASH, "s_percpu_hash", btf);
	make_ring(BPF_MAP_TYPE_RINGBUF, "s_ring", 0);
	make_ring(BPF_MAP_TYPE_USER_RINGBUF, "s_user_ring", 1);
	make_arena();
	printf("}\n");
	return 0;
}
