#include "machine.h"

#include <stdio.h>
#include <unistd.h>

/* Nothing comes from the guest any more. The caller holds the lock. */
static void tell_end(struct machine *machine)
{
	if (machine->done_write_fd >= 0)
		close(machine->done_write_fd);
	machine->done_write_fd = -1;
}

void machine_end(struct machine *machine, struct vcpu *vcpu, uint32_t kind, uint32_t reason, const char *detail)
{
	pthread_mutex_lock(&machine->lock);
	if (machine->info.end == VMM_RUNNING) {
		machine->info.end = kind;
		machine->info.vcpu = vcpu ? vcpu->index : 0;
		machine->info.reason = reason;
		snprintf(machine->info.detail, sizeof(machine->info.detail), "%s", detail ? detail : "");
	}
	machine->stopping = 1;
	atomic_store(&machine->attention, 1);
	pthread_cond_broadcast(&machine->changed);
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		if (&machine->vcpus[i] != vcpu)
			vcpu_kick(&machine->vcpus[i]);
	if (machine->running == 0)
		tell_end(machine);
	pthread_mutex_unlock(&machine->lock);
}

int machine_is_idle(const struct machine *machine)
{
	return machine->running == 0 || (machine->paused && machine->waiting == machine->running);
}

void machine_hold(struct machine *machine)
{
	machine->paused = 1;
	atomic_store(&machine->attention, 1);
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		vcpu_kick(&machine->vcpus[i]);
}

void machine_stood_still(struct machine *machine)
{
	if (machine->paused && machine->running > 0 && machine->waiting == machine->running)
		clocks_hold(machine);
}

static int wait_out_pause(struct machine *machine)
{
	int may_run;

	pthread_mutex_lock(&machine->lock);
	if (machine->paused && !machine->stopping) {
		machine->waiting++;
		machine_stood_still(machine);
		/* Once: those that wait already would each tell the others that they woke up for nothing. */
		pthread_cond_broadcast(&machine->changed);
		while (machine->paused && !machine->stopping)
			pthread_cond_wait(&machine->changed, &machine->lock);
		machine->waiting--;
	}
	may_run = !machine->stopping;
	pthread_mutex_unlock(&machine->lock);
	return may_run;
}

int machine_may_run(struct machine *machine)
{
	return !atomic_load_explicit(&machine->attention, memory_order_acquire) || wait_out_pause(machine);
}

void machine_flush(struct machine *machine)
{
	serial_flush(&machine->com1);
	serial_flush(&machine->com2);
	/* Frames may still wait for the thread that carries them. */
	console_carry(&machine->console);
}

void machine_left(struct machine *machine)
{
	pthread_mutex_lock(&machine->lock);
	machine->running--;
	pthread_cond_broadcast(&machine->changed);
	if (machine->running == 0) {
		machine_flush(machine);
		tell_end(machine);
	}
	pthread_mutex_unlock(&machine->lock);
}
