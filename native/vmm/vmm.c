/* The ABI: making and unmaking a machine, and what its owner asks of it while it runs. */
#include "machine.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* sched(7). */
#define MAX_FIFO_PRIORITY 99
#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL

static int check(const struct vmm_config *config, struct vmm_error *error)
{
	const struct vmm_topology topology = topology_of(config);

	if (vmm_topology_check(&topology) != 0 || config->image > VMM_IMAGE_RAW_INTERRUPTS ||
	    config->kick > VMM_KICK_EVENT)
		return vmm_fail(error, EINVAL, "configure", "vmm_create",
				"%u nodes, %u LLCs, %u cores, %u threads, image kind %u, kick %u", config->numa_nodes,
				config->llcs, config->cores, config->threads, config->image, config->kick);
	return 0;
}

/* Those with CPUs are among them, and of all or none it is told how fast their memory is. */
static int check_nodes(const struct vmm_config *config, const struct vmm_node *nodes, struct vmm_error *error)
{
	if (config->nodes > MAX_NUMA_NODES || (config->nodes && config->nodes < config->numa_nodes))
		return vmm_fail(error, EINVAL, "configure", "vmm_create", "%u nodes, of which %u have CPUs",
				config->nodes, config->numa_nodes);
	for (uint32_t i = 0; i < config->nodes; i++) {
		const struct vmm_node *node = &nodes[i];

		if (!node->latency_ns != !nodes[0].latency_ns || !node->bandwidth_mbps != !node->latency_ns ||
		    (node->cache_bytes && !node->latency_ns))
			return vmm_fail(error, EINVAL, "configure", "vmm_create",
					"node %u: latency %u ns, bandwidth %u MB/s, cache of %llu bytes", i,
					node->latency_ns, node->bandwidth_mbps, (unsigned long long)node->cache_bytes);
	}
	return 0;
}

int vmm_create(const struct vmm_config *config, const struct vmm_node *nodes, const char *cmdline, struct vmm **out,
	       struct vmm_error *error)
{
	struct vmm *vmm;
	int err = check(config, error);

	if (!err)
		err = check_nodes(config, nodes, error);
	*out = NULL;
	if (err)
		return err;
	vmm = calloc(1, sizeof(*vmm));
	if (!vmm)
		return vmm_fail(error, ENOMEM, "configure", "calloc", "machine");
	machine_init(&vmm->machine, config);
	err = machine_build(&vmm->machine, config, nodes, cmdline, error);
	if (!err) {
		*out = vmm;
		return 0;
	}
	if (vmm->machine.info.done_fd >= 0)
		close(vmm->machine.info.done_fd);
	vmm_destroy(vmm);
	return err;
}

int vmm_place(struct vmm *vmm, uint32_t vcpu, int32_t host_cpu, uint32_t fifo_priority, struct vmm_error *error)
{
	struct machine *machine = &vmm->machine;
	int err = 0;

	pthread_mutex_lock(&machine->lock);
	if (vcpu >= machine->vcpu_count)
		err = vmm_fail(error, ENOENT, "place", "vmm_place", "vcpu %u of %u", vcpu, machine->vcpu_count);
	else if (machine->started)
		err = vmm_fail(error, EBUSY, "place", "vmm_place", "the machine was started");
	else if (host_cpu < VMM_ANY_CPU || host_cpu >= CPU_SETSIZE || fifo_priority > MAX_FIFO_PRIORITY)
		err = vmm_fail(error, EINVAL, "place", "vmm_place", "host CPU %d, priority %u", host_cpu,
			       fifo_priority);
	if (!err) {
		machine->vcpus[vcpu].host_cpu = host_cpu;
		machine->vcpus[vcpu].fifo_priority = fifo_priority;
	}
	pthread_mutex_unlock(&machine->lock);
	return err;
}

int vmm_start(struct vmm *vmm, struct vmm_error *error)
{
	struct machine *machine = &vmm->machine;
	uint32_t i = 0;
	int err = 0;

	pthread_mutex_lock(&machine->lock);
	if (machine->started) {
		err = vmm_fail(error, EALREADY, "start", "vmm_start", "a machine starts once");
	} else {
		machine->started = 1;
		err = kicks_start(&machine->kicks, error);
		for (; i < machine->vcpu_count && !err; i++) {
			err = vcpu_start(&machine->vcpus[i], error);
			machine->running += !err;
		}
	}
	pthread_mutex_unlock(&machine->lock);
	return err;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int wait_for_vcpus(struct machine *machine, uint32_t deadline_ms)
{
	uint64_t ns = now_ns() + deadline_ms * NS_PER_MS;
	const struct timespec until = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
	int err = 0;

	while (machine->waiting < machine->running && !err)
		err = pthread_cond_timedwait(&machine->changed, &machine->lock, &until);
	/* The last one may have come as the time was over. */
	return machine->waiting < machine->running ? -ETIMEDOUT : 0;
}

static void let_run(struct machine *machine)
{
	if (!machine->stopping)
		clocks_release(machine);
	machine->paused = 0;
	atomic_store(&machine->attention, machine->stopping);
	pthread_cond_broadcast(&machine->changed);
}

int vmm_pause(struct vmm *vmm, uint32_t deadline_ms, struct vmm_error *error)
{
	struct machine *machine = &vmm->machine;
	uint64_t start = now_ns();
	int err;

	pthread_mutex_lock(&machine->lock);
	machine_hold(machine);
	err = wait_for_vcpus(machine, deadline_ms);
	if (err) {
		vmm_fail(error, -err, "pause", "vmm_pause", "%u of %u vcpus stopped within %u ms", machine->waiting,
			 machine->running, deadline_ms);
		let_run(machine);
	} else {
		machine_stood_still(machine);
		/* Frames that were still to be carried would change memory in the pause. */
		machine_flush(machine);
	}
	machine->info.pause_ns = now_ns() - start;
	pthread_mutex_unlock(&machine->lock);
	return err;
}

void vmm_resume(struct vmm *vmm)
{
	struct machine *machine = &vmm->machine;

	pthread_mutex_lock(&machine->lock);
	let_run(machine);
	pthread_mutex_unlock(&machine->lock);
}

void vmm_stop(struct vmm *vmm)
{
	machine_end(&vmm->machine, NULL, VMM_STOPPED, 0, NULL);
}

void vmm_destroy(struct vmm *vmm)
{
	struct machine *machine = &vmm->machine;

	vmm_stop(vmm);
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		if (machine->vcpus[i].started)
			pthread_join(machine->vcpus[i].thread, NULL);
	machine_deinit(machine);
	free(vmm);
}
