/*
 * Stands in for QEMU: gives the probe one instruction to wait for, reaches it as often as it is told, and ends.
 *
 *   probe_test ADDRESS HITS LOST_FD PLUGIN_ARGUMENT...
 *
 * LOST_FD is a descriptor that can no longer be sought in after the first hit, or -1.
 */
#include "../monitor/probe/qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_ARGUMENT 4
#define USAGE_ERROR 2

struct qemu_plugin_insn {
	uint64_t address;
	void (*reached)(unsigned int vcpu, void *user);
	void *user;
};

struct qemu_plugin_tb {
	struct qemu_plugin_insn instruction;
};

static void (*translate)(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
static void (*end)(qemu_plugin_id_t id, void *user);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*translated)(qemu_plugin_id_t id, struct qemu_plugin_tb *block))
{
	(void)id;
	translate = translated;
}

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
					    void (*reached)(unsigned int vcpu, void *user), int flags, void *user)
{
	(void)flags;
	instruction->reached = reached;
	instruction->user = user;
}

void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*exits)(qemu_plugin_id_t id, void *user), void *user)
{
	(void)id;
	(void)user;
	end = exits;
}

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block)
{
	(void)block;
	return 1;
}

struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index)
{
	(void)index;
	return (struct qemu_plugin_insn *)&block->instruction;
}

uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction)
{
	return instruction->address;
}

static int lose(int fd)
{
	int ends[2];

	return pipe(ends) == 0 && dup2(ends[0], fd) == fd ? 0 : -1;
}

int main(int argc, char *argv[])
{
	struct qemu_plugin_tb block = { 0 };
	long hits, lost_fd;

	if (argc < FIRST_ARGUMENT)
		return USAGE_ERROR;
	block.instruction.address = strtoull(argv[1], NULL, 0);
	hits = strtol(argv[2], NULL, 0);
	lost_fd = strtol(argv[3], NULL, 0);
	if (qemu_plugin_install(0, NULL, argc - FIRST_ARGUMENT, argv + FIRST_ARGUMENT) != 0)
		return EXIT_FAILURE;
	translate(0, &block);
	for (long hit = 1; hit <= hits && block.instruction.reached; hit++) {
		block.instruction.reached(0, block.instruction.user);
		if (hit == 1 && lost_fd >= 0 && lose((int)lost_fd) != 0) {
			perror("probe_test");
			return EXIT_FAILURE;
		}
	}
	end(0, NULL);
	return EXIT_SUCCESS;
}
