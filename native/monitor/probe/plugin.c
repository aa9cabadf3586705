/*
 * The plugin: which instruction it waits for, and what it does when that is reached. All vcpus share one host thread
 * (see src/host/machine/qemu/qemu-args.ts), so callbacks follow one another.
 */
#include "descriptors.h"
#include "digest.h"
#include "orders.h"
#include "qemu_plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct probe {
	int orders_fd, output_fd, control_fd;
	/* Of the first orders: blocks that are translated cannot be told of another. */
	uint64_t address;
	uint64_t hits;
	/* Nothing is done any more after a failure. */
	bool has_failed;
	struct orders orders;
};

int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* QEMU loads the plugin once, and tells a callback of translation no more than a number. */
static struct probe probe;

static int send_event(uint32_t kind, const void *payload, uint32_t bytes)
{
	const struct probe_event event = { kind, bytes, probe.hits };
	uint8_t message[sizeof(event) + sizeof(struct monitor_error)];

	memcpy(message, &event, sizeof(event));
	if (bytes > 0)
		memcpy(message + sizeof(event), payload, bytes);
	return send_all(probe.control_fd, message, sizeof(event) + bytes);
}

static void fail(const struct monitor_error *error)
{
	probe.has_failed = true;
	send_event(PROBE_FAILED, error, sizeof(*error));
}

/* Nothing follows an entry that may be there in part. */
static void append(uint32_t kind, const void *payload, uint32_t bytes)
{
	const struct probe_entry entry = { kind, bytes, probe.hits };
	struct monitor_error error;
	int err;

	if (probe.has_failed)
		return;
	err = write_all(probe.output_fd, &entry, sizeof(entry));
	if (!err)
		err = write_all(probe.output_fd, payload, bytes);
	if (err) {
		monitor_fail(&error, -err, "output", "write", "entry of hit %llu", (unsigned long long)probe.hits);
		fail(&error);
	}
}

static bool is_due(uint64_t every)
{
	return every != 0 && probe.hits % every == 0;
}

/* The kernel's clock. False, and nothing goes by it, where the kernel has not mapped it yet. */
static bool read_clock(struct orders *orders, uint64_t *clock)
{
	uint64_t kva = orders->header.clock_kva;

	return kva != 0 && space_read(&orders->space, &orders->executor.tlb, kva, clock, sizeof(*clock)) == 0;
}

static bool is_sample_due(struct orders *orders)
{
	uint64_t period = orders->header.sample_period;
	uint64_t clock;

	if (is_due(orders->header.sample_every))
		return true;
	if (period == 0 || !read_clock(orders, &clock) || clock - orders->sampled_at < period)
		return false;
	orders->sampled_at = clock;
	return true;
}

static void look(struct orders *orders)
{
	struct monitor_error error;

	if (is_sample_due(orders)) {
		executor_run(&orders->executor, probe.hits, 0);
		append(PROBE_SAMPLE, orders->executor.record, orders->plan.record_bytes);
	}
	if (is_due(orders->header.digest_every)) {
		uint64_t digest;

		if (ram_digest(&orders->ram, orders->ranges, orders->header.digest_from, &digest, &error) == 0)
			append(PROBE_DIGEST, &digest, sizeof(digest));
		else
			fail(&error);
	}
}

static bool is_stop_value(struct orders *orders)
{
	uint64_t kva = orders->header.stop_kva;
	uint32_t word;

	return kva != 0 && space_read(&orders->space, &orders->executor.tlb, kva, &word, sizeof(word)) == 0 &&
	       word == orders->header.stop_value;
}

static bool has_to_stop(struct orders *orders)
{
	uint64_t moment = orders->header.stop_at_clock;
	uint64_t clock;

	if (orders->header.stop_at_hit == probe.hits || is_stop_value(orders))
		return true;
	return moment != 0 && read_clock(orders, &clock) && clock >= moment;
}

/* New orders take the place of the old ones. */
static int take_orders(uint32_t length, struct monitor_error *error)
{
	uint64_t sampled_at = probe.orders.sampled_at;
	uint8_t *bytes;
	int err;

	if (length > PROBE_MAX_ORDERS)
		return monitor_fail(error, EMSGSIZE, "orders", "take_orders", "%u bytes", length);
	bytes = malloc(length);
	if (!bytes)
		return monitor_fail(error, ENOMEM, "orders", "malloc", "%u bytes", length);
	err = read_all(probe.control_fd, bytes, length);
	if (err)
		err = monitor_fail(error, -err, "orders", "read", "%u bytes", length);
	if (!err) {
		orders_deinit(&probe.orders);
		err = orders_init(&probe.orders, bytes, length, error);
	}
	/* A sample is no earlier for it. */
	probe.orders.sampled_at = sampled_at;
	free(bytes);
	return err;
}

static void stop(struct orders *orders)
{
	struct monitor_error error;
	uint32_t length;

	orders->header.stop_at_hit = 0;
	orders->header.stop_at_clock = 0;
	orders->header.stop_kva = 0;
	if (send_event(PROBE_STOPPED, NULL, 0) != 0 || read_all(probe.control_fd, &length, sizeof(length)) != 0 ||
	    length == 0)
		return;
	if (take_orders(length, &error) != 0)
		fail(&error);
}

static void reached(unsigned int vcpu, void *user)
{
	struct orders *orders = &probe.orders;
	struct monitor_error error;

	(void)vcpu;
	(void)user;
	probe.hits++;
	if (probe.has_failed)
		return;
	if (orders_map(orders, &error) != 0) {
		fail(&error);
		return;
	}
	/* Guests write between samples. */
	tlb_flush(&orders->executor.tlb);
	look(orders);
	if (!probe.has_failed && has_to_stop(orders))
		stop(orders);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);

	(void)id;
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);

		if (qemu_plugin_insn_vaddr(instruction) == probe.address)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, reached, QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void exits(qemu_plugin_id_t id, void *user)
{
	(void)id;
	(void)user;
	append(PROBE_END, NULL, 0);
	orders_deinit(&probe.orders);
}

static bool take_argument(const char *argument)
{
	static const struct {
		const char *name;
		int *fd;
	} known[] = {
		{ "orders=", &probe.orders_fd },
		{ "output=", &probe.output_fd },
		{ "control=", &probe.control_fd },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t length = strlen(known[i].name);

		if (strncmp(argument, known[i].name, length) == 0) {
			*known[i].fd = atoi(argument + length);
			return true;
		}
	}
	return false;
}

static int read_orders(struct monitor_error *error)
{
	uint64_t length = 0;
	uint8_t *bytes = read_file(probe.orders_fd, PROBE_MAX_ORDERS, &length);
	int err;

	if (!bytes)
		return monitor_fail(error, EIO, "orders", "read_file", "descriptor %d", probe.orders_fd);
	err = orders_init(&probe.orders, bytes, length, error);
	free(bytes);
	return err;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	struct monitor_error error;

	(void)info;
	probe.orders_fd = probe.output_fd = probe.control_fd = -1;
	for (int i = 0; i < argc; i++) {
		if (!take_argument(argv[i]))
			return -EINVAL;
	}
	if (read_orders(&error) != 0) {
		fail(&error);
		return -error.code;
	}
	probe.address = probe.orders.header.address;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, exits, NULL);
	return 0;
}
