/*
 * C ABI of libktstr_monitor.so: reads the memory of a Linux guest by the kernel's own addresses, once or at a period.
 *
 * A call that can fail returns 0, or a negative errno with the caller's record filled. The library calls nothing of its
 * user: samples wait in a ring until they are drained, and news of it is a byte in a pipe. Guest memory is hostile:
 * whatever it holds, a call ends in bounded time and reads nothing but the ranges it was given.
 */
#ifndef KTSTR_MONITOR_H
#define KTSTR_MONITOR_H

#include <stdint.h>

#define MONITOR_ABI 1

/* The memory of a range is given by its address, not by a file. */
#define MONITOR_NO_FD (-1)

#define MONITOR_MAX_RANGES 256
#define MONITOR_MAX_WINDOWS 4
#define MONITOR_MAX_STEPS 6
#define MONITOR_MAX_EXPRESSIONS 32768
#define MONITOR_MAX_THREADS 1024
/* Of one expression, and of all. */
#define MONITOR_MAX_LENGTH 4096
#define MONITOR_MAX_PAYLOAD (1 << 20)
#define MONITOR_MAX_RING_BYTES (1 << 28)
#define MONITOR_MAX_PERIOD_MS 1000

/* FIELD(type, name) and ARRAY(type, name, count), in the order of the structure. */

/* Guest RAM: part of a file, mapped read-only, or of this process at `address`. All of it whole pages, ascending. */
#define MONITOR_RANGE(FIELD, ARRAY)  \
	FIELD(uint64_t, gpa)         \
	FIELD(uint64_t, bytes)       \
	FIELD(uint64_t, file_offset) \
	FIELD(uint64_t, address)     \
	FIELD(int32_t, fd)           \
	FIELD(uint32_t, reserved)

/* Kernel addresses that are guest-physical ones at a distance: the direct map, the kernel image. */
#define MONITOR_WINDOW(FIELD, ARRAY) \
	FIELD(uint64_t, kva)         \
	FIELD(uint64_t, bytes)       \
	FIELD(uint64_t, gpa)

/* All other addresses go through the page tables at `root_gpa`; samplers trust a translation for `tlb_ms`. */
#define MONITOR_CONFIG(FIELD, ARRAY) \
	FIELD(uint64_t, root_gpa)    \
	FIELD(uint32_t, levels)      \
	FIELD(uint32_t, tlb_ms)      \
	FIELD(uint32_t, range_count) \
	FIELD(uint32_t, window_count)

/* A plan is this header, then its expressions, groups and threads. */
#define MONITOR_PLAN(FIELD, ARRAY)        \
	FIELD(uint32_t, expression_count) \
	FIELD(uint32_t, group_count)      \
	FIELD(uint32_t, thread_count)     \
	FIELD(uint32_t, thread_every)     \
	FIELD(uint32_t, payload_bytes)    \
	FIELD(uint32_t, reserved)

/*
 * Starts at `base`; each step adds its offset and follows the pointer found there; `length` bytes at the end plus
 * `offset` go to `out` of the payload. Done in each sample whose number is a multiple of `every`; between these the
 * value stays.
 */
#define MONITOR_EXPRESSION(FIELD, ARRAY)         \
	FIELD(uint64_t, base)                    \
	ARRAY(int64_t, steps, MONITOR_MAX_STEPS) \
	FIELD(int64_t, offset)                   \
	FIELD(uint32_t, step_count)              \
	FIELD(uint32_t, length)                  \
	FIELD(uint32_t, out)                     \
	FIELD(uint32_t, every)

/* Expressions that belong together. The first is 8 bytes long and guards them: it is read again after the last. */
#define MONITOR_GROUP(FIELD, ARRAY) \
	FIELD(uint32_t, first)      \
	FIELD(uint32_t, count)

#define MONITOR_THREAD(FIELD, ARRAY) \
	FIELD(uint32_t, pid)         \
	FIELD(uint32_t, tid)

/*
 * A record is this header; a bit per expression that was read, in words of 64; a bit per group whose guard stood still,
 * likewise; a reading per thread; the payload; up to a multiple of 8. `host_ns` is CLOCK_MONOTONIC. `dropped` counts
 * since the start; `retries`, `rejects` (groups that never stood still) and `skipped` (periods before this record in
 * which the thread did not get to run) are those of the record.
 */
#define MONITOR_RECORD(FIELD, ARRAY) \
	FIELD(uint64_t, sequence)    \
	FIELD(uint64_t, host_ns)     \
	FIELD(uint64_t, duration_ns) \
	FIELD(uint64_t, dropped)     \
	FIELD(uint32_t, retries)     \
	FIELD(uint32_t, rejects)     \
	FIELD(uint32_t, skipped)     \
	FIELD(uint32_t, threads_read)

/* Of /proc/PID/task/TID/schedstat. `known` is 0 when the thread was gone. */
#define MONITOR_READING(FIELD, ARRAY) \
	FIELD(uint64_t, cpu_ns)       \
	FIELD(uint64_t, run_delay_ns) \
	FIELD(uint64_t, known)

/* `cpu_ns` is the CPU time of the sampling thread. */
#define MONITOR_INFO(FIELD, ARRAY)    \
	FIELD(uint64_t, samples)      \
	FIELD(uint64_t, dropped)      \
	FIELD(uint64_t, skipped)      \
	FIELD(uint64_t, cpu_ns)       \
	FIELD(uint32_t, record_bytes) \
	FIELD(int32_t, news_fd)

#define MONITOR_ERROR(FIELD, ARRAY) \
	FIELD(int32_t, code)        \
	ARRAY(char, phase, 20)      \
	ARRAY(char, call, 40)       \
	ARRAY(char, detail, 160)

#define MONITOR_LAYOUT(FIELD, ARRAY) \
	ARRAY(char, structure, 24)   \
	ARRAY(char, field, 24)       \
	FIELD(uint32_t, offset)      \
	FIELD(uint32_t, size)

#define MONITOR_DECLARE_FIELD(type, name) type name;
#define MONITOR_DECLARE_ARRAY(type, name, count) type name[count];

struct monitor_range {
	MONITOR_RANGE(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_window {
	MONITOR_WINDOW(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_config {
	MONITOR_CONFIG(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_plan {
	MONITOR_PLAN(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_expression {
	MONITOR_EXPRESSION(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_group {
	MONITOR_GROUP(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_thread {
	MONITOR_THREAD(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_record {
	MONITOR_RECORD(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_reading {
	MONITOR_READING(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_info {
	MONITOR_INFO(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_error {
	MONITOR_ERROR(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct monitor_layout {
	MONITOR_LAYOUT(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};

_Static_assert(sizeof(struct monitor_range) == 40, "ranges are part of the ABI");
_Static_assert(sizeof(struct monitor_window) == 24, "windows are part of the ABI");
_Static_assert(sizeof(struct monitor_config) == 24, "the configuration is part of the ABI");
_Static_assert(sizeof(struct monitor_plan) == 24, "plans are part of the ABI");
_Static_assert(sizeof(struct monitor_expression) == 80, "expressions are part of the ABI");
_Static_assert(sizeof(struct monitor_record) == 48, "records are part of the ABI");
_Static_assert(sizeof(struct monitor_error) == 224, "the error record is part of the ABI");

struct monitor;
struct monitor_sampler;

#define MONITOR_EXPORT __attribute__((visibility("default")))

/* The value of MONITOR_ABI that the library was built with. */
MONITOR_EXPORT uint32_t monitor_abi(void);

/* The layout of field `index` over all structures. Returns 0, or -ENOENT behind the last one. */
MONITOR_EXPORT int monitor_layout_at(uint32_t index, struct monitor_layout *layout);

/* Files of ranges are mapped within the call; memory given by address has to outlive the monitor and its samplers. */
MONITOR_EXPORT int monitor_create(const struct monitor_config *config, const struct monitor_range *ranges,
				  const struct monitor_window *windows, struct monitor **monitor,
				  struct monitor_error *error);

/* What it holds is given back when its last sampler is destroyed too. */
MONITOR_EXPORT void monitor_destroy(struct monitor *monitor);

/* Copies memory at a kernel address. -EFAULT when a part of it is not mapped or not RAM. From one thread at a time. */
MONITOR_EXPORT int monitor_read(struct monitor *monitor, uint64_t kva, void *out, uint64_t length);

/* Copies guest-physical memory. -EFAULT when a part of it is not RAM. */
MONITOR_EXPORT int monitor_read_physical(struct monitor *monitor, uint64_t gpa, void *out, uint64_t length);

/* The guest-physical address behind a kernel address, RAM or not. -EFAULT when it is not mapped. */
MONITOR_EXPORT int monitor_translate(struct monitor *monitor, uint64_t kva, uint64_t *gpa);

/* Executes a plan once. -EMSGSIZE when a record is not `record_bytes` long. */
MONITOR_EXPORT int monitor_execute(struct monitor *monitor, const void *plan, uint64_t plan_bytes, void *record,
				   uint64_t record_bytes, struct monitor_error *error);

/*
 * Executes a plan every `period_ms`, on a thread of its own, into a ring of `capacity` records. When that is full, new
 * records are dropped and counted. The plan is copied.
 */
MONITOR_EXPORT int monitor_sampler_start(struct monitor *monitor, const void *plan, uint64_t plan_bytes,
					 uint32_t period_ms, uint32_t capacity, struct monitor_sampler **sampler,
					 struct monitor_error *error);

/* Moves the oldest records out, as many as `bytes` hold. Returns their number. From one thread at a time. */
MONITOR_EXPORT uint32_t monitor_sampler_drain(struct monitor_sampler *sampler, void *out, uint64_t bytes);

/*
 * `news_fd` is the reading end of a pipe: a byte says that the ring is half full, its end that no record will follow.
 * It is the user's to close.
 */
MONITOR_EXPORT void monitor_sampler_info(struct monitor_sampler *sampler, struct monitor_info *info);

/* Asks the thread to end, which it does within a sample. */
MONITOR_EXPORT void monitor_sampler_stop(struct monitor_sampler *sampler);

/* Stops the thread, waits for it and gives all back. */
MONITOR_EXPORT void monitor_sampler_destroy(struct monitor_sampler *sampler);

#endif
