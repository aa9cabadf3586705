#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How PTRACE_O_TRACESYSGOOD tells the stop at a system call from a SIGTRAP. */
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define EVENT_OF(status) ((status) >> 16)

/* union bpf_attr, as far as BPF_MAP_UPDATE_ELEM reads it. */
struct update {
	uint32_t map_fd;
	uint32_t unused;
	uint64_t key;
	uint64_t value;
	uint64_t flags;
};

static int failed(struct trace *trace, const char *call)
{
	trace->failed_call = call;
	return -errno;
}

/* A task that was killed while it stood is gone without having been resumed. */
static int resume(pid_t task, long signal)
{
	return ptrace(PTRACE_SYSCALL, task, NULL, signal) < 0 && errno != ESRCH ? -1 : 0;
}

/* Lets a task go on that stands for another reason than a system call. */
static int pass_on(pid_t task, int status)
{
	int signal = WSTOPSIG(status);
	bool is_group_stop = EVENT_OF(status) == PTRACE_EVENT_STOP && signal != SIGTRAP;

	if (is_group_stop)
		return ptrace(PTRACE_LISTEN, task, NULL, 0) < 0 && errno != ESRCH ? -1 : 0;
	return resume(task, EVENT_OF(status) == 0 ? signal : 0);
}

int trace_begin(struct trace *trace)
{
	int status;
	pid_t stopped;

	if (ptrace(PTRACE_SEIZE, trace->process, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE) < 0)
		return failed(trace, "PTRACE_SEIZE");
	if (ptrace(PTRACE_INTERRUPT, trace->process, NULL, 0) < 0)
		return failed(trace, "PTRACE_INTERRUPT");
	do
		stopped = waitpid(trace->process, &status, __WALL);
	while (stopped < 0 && errno == EINTR);
	if (stopped < 0)
		return failed(trace, "waitpid");
	if (!WIFSTOPPED(status))
		return -ESRCH;
	/* A signal may have come before the interruption, which then follows. */
	return pass_on(trace->process, status) < 0 ? failed(trace, "ptrace") : 0;
}

/* A process that is gone, a descriptor that is none, and one that is not of BPF: its own call says so. */
static int unless_its_own(struct trace *trace, const char *call)
{
	return errno == ESRCH || errno == EBADF || errno == EINVAL ? 0 : failed(trace, call);
}

static int ask_kernel(struct trace *trace, int fd)
{
	struct bpf_map_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	if (syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) < 0)
		return unless_its_own(trace, "BPF_OBJ_GET_INFO_BY_FD");
	return info.type == BPF_MAP_TYPE_STRUCT_OPS && info.btf_vmlinux_value_type_id == trace->layout.value_type;
}

/* The kernel is asked, as all struct_ops maps are of one type. Returns 1 when it is one, 0 when not, or -errno. */
static int is_sched_ext_map(struct trace *trace, uint32_t map_fd)
{
	int process = (int)syscall(SYS_pidfd_open, trace->process, 0), fd, found;

	if (process < 0)
		return unless_its_own(trace, "pidfd_open");
	fd = (int)syscall(SYS_pidfd_getfd, process, map_fd, 0);
	found = fd < 0 ? unless_its_own(trace, "pidfd_getfd") : ask_kernel(trace, fd);
	if (fd >= 0)
		close(fd);
	close(process);
	return found;
}

/* Memory of the followed process, by way of a file: not every kernel has process_vm_readv(2). */
static int open_memory(const struct trace *trace)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", trace->process);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int put_limit(struct trace *trace, int memory, uint64_t address)
{
	if (pread(memory, &trace->asked_ms, sizeof(trace->asked_ms), (off_t)address) != sizeof(trace->asked_ms))
		return failed(trace, "pread");
	if (pwrite(memory, &trace->limit_ms, sizeof(trace->limit_ms), (off_t)address) != sizeof(trace->limit_ms))
		return failed(trace, "pwrite");
	return 1;
}

/* Returns 1 when the limit is in, 0 when this call is about something else, or -errno. */
static int set_at_update(struct trace *trace, pid_t task)
{
	struct __ptrace_syscall_info call = { 0 };
	struct update update;
	int memory, done = 0;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task, sizeof(call), &call) < 0)
		return errno == ESRCH ? 0 : failed(trace, "PTRACE_GET_SYSCALL_INFO");
	if (call.op != PTRACE_SYSCALL_INFO_ENTRY || call.entry.nr != SYS_bpf ||
	    call.entry.args[0] != BPF_MAP_UPDATE_ELEM)
		return 0;
	memory = open_memory(trace);
	if (memory < 0)
		return failed(trace, "open");
	if (pread(memory, &update, sizeof(update), (off_t)call.entry.args[1]) == sizeof(update))
		done = is_sched_ext_map(trace, update.map_fd);
	if (done > 0)
		done = put_limit(trace, memory, update.value + trace->layout.timeout_offset);
	close(memory);
	return done;
}

int trace_until_set(struct trace *trace)
{
	for (;;) {
		int status, done;
		pid_t task = waitpid(-1, &status, __WALL);

		if (task < 0 && errno == EINTR)
			continue;
		if (task < 0)
			return errno == ECHILD ? -ESRCH : failed(trace, "waitpid");
		if (!WIFSTOPPED(status))
			continue;
		if (WSTOPSIG(status) != SYSCALL_STOP) {
			if (pass_on(task, status) < 0)
				return failed(trace, "ptrace");
			continue;
		}
		done = set_at_update(trace, task);
		if (done != 0)
			return done < 0 ? done : 0;
		if (resume(task, 0) < 0)
			return failed(trace, "PTRACE_SYSCALL");
	}
}
