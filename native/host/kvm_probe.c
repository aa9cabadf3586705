/*
 * kvm_probe [device [endless]]
 *
 * Tells in one line of JSON what KVM on this host can do, by running a guest of a few instructions:
 *
 *   {"api":12,"missing":[],"guest":"ran","at":null,"error":null,"elapsedUs":900}
 *
 * `api` is null when the device could not be asked. `missing` names needed capabilities that KVM lacks. `guest` is
 * "ran" (it computed and gave out what it should), "wrong" (it ended in another way), "timed-out" or "not-started".
 * `at` is the step that failed, `error` what the system said about it. The presence of the device proves little: it may
 * be of an emulation that runs few instructions, or refuse every guest. With `endless` the guest never ends, so that
 * the deadline can be tested.
 *
 * Exits with 0 when the line is printed, with 2 when the call is wrong. It cannot hang: a timer first asks the vCPU to
 * leave the guest, and ends the process when that did not help.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Capabilities that a KVM machine of this package builds on. */
#define NEEDED(X)               \
	X(KVM_CAP_USER_MEMORY)  \
	X(KVM_CAP_SET_TSS_ADDR) \
	X(KVM_CAP_EXT_CPUID)    \
	X(KVM_CAP_IRQCHIP)      \
	X(KVM_CAP_IRQFD)        \
	X(KVM_CAP_IOEVENTFD)    \
	X(KVM_CAP_IMMEDIATE_EXIT)

/* A guest of four instructions takes microseconds; an interpreting KVM on a busy host, milliseconds. */
#define GUEST_DEADLINE_MS 1000
/* What still runs after so many ticks of the timer does not listen. */
#define TICKS_TO_THE_END 3

#define PAGE_BYTES 4096
#define CODE_GPA 0x1000
/* Three pages that older Intel CPUs need for real mode: KVM_SET_TSS_ADDR in Documentation/virt/kvm/api.rst. */
#define TSS_GPA 0xfffbd000
#define PORT 0x10
#define EXPECTED 42

static const uint8_t computing[] = {
	0xb0, 6,    /* mov $6, %al */
	0xb3, 7,    /* mov $7, %bl */
	0xf6, 0xe3, /* mul %bl */
	0xe6, PORT, /* out %al, $PORT */
	0xf4,       /* hlt */
};
static const uint8_t endless[] = { 0xeb, 0xfe }; /* jmp . */

struct probe {
	int device, vm, vcpu;
	int api;
	const char *guest;
	const char *at;
	int error;
};

static struct kvm_run *volatile running;
static volatile sig_atomic_t ticks;

static void tick(int signal)
{
	static const char line[] =
		"{\"api\":null,\"missing\":[],\"guest\":\"timed-out\",\"at\":\"a call that KVM does not "
		"return from\",\"error\":null,\"elapsedUs\":null}\n";

	(void)signal;
	/* Set before the vCPU enters the guest, it comes back at once, so a tick in between is not lost. */
	if (running)
		running->immediate_exit = 1;
	if (++ticks < TICKS_TO_THE_END)
		return;
	if (write(STDOUT_FILENO, line, sizeof(line) - 1) < 0)
		_exit(1);
	_exit(0);
}

static int start_timer(void)
{
	struct sigaction action = { .sa_handler = tick };
	struct timeval period = { .tv_sec = GUEST_DEADLINE_MS / 1000, .tv_usec = GUEST_DEADLINE_MS % 1000 * 1000 };
	struct itimerval timer = { .it_interval = period, .it_value = period };

	if (sigaction(SIGALRM, &action, NULL) != 0)
		return -1;
	return setitimer(ITIMER_REAL, &timer, NULL);
}

static int failed(struct probe *probe, const char *at)
{
	probe->at = at;
	probe->error = errno;
	return -1;
}

static int open_device(struct probe *probe, const char *path)
{
	probe->device = open(path, O_RDWR | O_CLOEXEC);
	if (probe->device < 0)
		return failed(probe, "open");
	probe->api = ioctl(probe->device, KVM_GET_API_VERSION, 0);
	if (probe->api < 0)
		return failed(probe, "KVM_GET_API_VERSION");
	return 0;
}

static int add_memory(struct probe *probe, const uint8_t *code, size_t bytes)
{
	void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return failed(probe, "mmap of guest memory");
	memcpy(page, code, bytes);
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = CODE_GPA,
		.memory_size = PAGE_BYTES,
		.userspace_addr = (uintptr_t)page,
	};
	if (ioctl(probe->vm, KVM_SET_USER_MEMORY_REGION, &region) != 0)
		return failed(probe, "KVM_SET_USER_MEMORY_REGION");
	return 0;
}

static int make_vcpu(struct probe *probe)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rip = CODE_GPA, .rflags = 2 };
	int bytes = ioctl(probe->device, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (bytes < (int)sizeof(struct kvm_run))
		return failed(probe, "KVM_GET_VCPU_MMAP_SIZE");
	probe->vcpu = ioctl(probe->vm, KVM_CREATE_VCPU, 0);
	if (probe->vcpu < 0)
		return failed(probe, "KVM_CREATE_VCPU");
	struct kvm_run *run = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, probe->vcpu, 0);
	if (run == MAP_FAILED)
		return failed(probe, "mmap of the vCPU");
	if (ioctl(probe->vcpu, KVM_GET_SREGS, &sregs) != 0)
		return failed(probe, "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(probe->vcpu, KVM_SET_SREGS, &sregs) != 0)
		return failed(probe, "KVM_SET_SREGS");
	if (ioctl(probe->vcpu, KVM_SET_REGS, &regs) != 0)
		return failed(probe, "KVM_SET_REGS");
	running = run;
	return 0;
}

/* "ran" when the guest gave out the expected byte and halted. */
static int run_guest(struct probe *probe)
{
	int given = -1;

	for (;;) {
		if (ioctl(probe->vcpu, KVM_RUN, 0) != 0) {
			if (errno != EINTR && errno != EAGAIN)
				return failed(probe, "KVM_RUN");
			if (ticks == 0)
				continue;
			probe->guest = "timed-out";
			return 0;
		}
		const struct kvm_run *run = running;
		if (run->exit_reason == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_OUT && run->io.port == PORT) {
			given = ((const uint8_t *)run)[run->io.data_offset];
			continue;
		}
		probe->guest = run->exit_reason == KVM_EXIT_HLT && given == EXPECTED ? "ran" : "wrong";
		return 0;
	}
}

static int boot(struct probe *probe, const uint8_t *code, size_t bytes)
{
	probe->vm = ioctl(probe->device, KVM_CREATE_VM, 0);
	if (probe->vm < 0)
		return failed(probe, "KVM_CREATE_VM");
	if (ioctl(probe->vm, KVM_SET_TSS_ADDR, TSS_GPA) != 0)
		return failed(probe, "KVM_SET_TSS_ADDR");
	if (add_memory(probe, code, bytes) != 0 || make_vcpu(probe) != 0)
		return -1;
	return run_guest(probe);
}

#define CAPABILITY(name) { name, #name },
static const struct {
	int id;
	const char *name;
} needed[] = { NEEDED(CAPABILITY) };

static void print_missing(const struct probe *probe)
{
	const char *separator = "";

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]) && probe->api >= 0; i++) {
		if (ioctl(probe->device, KVM_CHECK_EXTENSION, needed[i].id) > 0)
			continue;
		printf("%s\"%s\"", separator, needed[i].name);
		separator = ",";
	}
}

static void print(const struct probe *probe, int64_t elapsed_us)
{
	if (probe->api >= 0)
		printf("{\"api\":%d,\"missing\":[", probe->api);
	else
		printf("{\"api\":null,\"missing\":[");
	print_missing(probe);
	printf("],\"guest\":\"%s\",", probe->guest);
	/* Texts of the C library have neither quotes nor backslashes. */
	if (probe->at)
		printf("\"at\":\"%s\",\"error\":\"%s\",", probe->at, strerror(probe->error));
	else
		printf("\"at\":null,\"error\":null,");
	printf("\"elapsedUs\":%lld}\n", (long long)elapsed_us);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/dev/kvm";
	int never_ends = argc > 2 && strcmp(argv[2], "endless") == 0;
	struct probe probe = { .device = -1, .vm = -1, .vcpu = -1, .api = -1, .guest = "not-started" };
	int64_t start = now_us();

	if (argc > 3 || (argc == 3 && !never_ends)) {
		fprintf(stderr, "kvm_probe: usage: kvm_probe [device [endless]]\n");
		return 2;
	}
	if (start_timer() != 0)
		failed(&probe, "setitimer");
	else if (open_device(&probe, path) == 0)
		boot(&probe, never_ends ? endless : computing, never_ends ? sizeof(endless) : sizeof(computing));
	print(&probe, now_us() - start);
	return 0;
}
