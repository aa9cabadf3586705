/*
 * PID 1 of the outer machine: gives the host's file system to a program, over a layer of memory that takes what is
 * written, runs the program and powers off.
 *
 *   /ktstr/modules   paths of the kernel modules to load, in order
 *   /ktstr/shared    folder that is the host's own, so that what is written there stays
 *   /ktstr/folder    working directory of the program
 *   /ktstr/argv      the program and its arguments
 *   /ktstr/env       its environment
 *
 * The program writes to the first two ports of the virtio console. On the third, a line each, stands how far it got:
 * "ready" before the program starts, "alive" every few seconds while it runs, then "exit <code>" or
 * "signal <number>"; or "fault <step>: <error>".
 */
#include "../guest/init/lines.h"
#include "../guest/init/loopback.h"
#include "../guest/init/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PORT_OUT = 1, PORT_ERR, PORT_CONTROL };

/* A port is named after its device, which the kernel counts among all virtio devices in the order that it finds them.
 */
#define MAX_DEVICES 8
/* Ports appear when the driver and the device have talked; chosen, hundreds of times as long as it takes. */
#define PORT_PATIENCE_MS 10000
#define PORT_PERIOD_MS 2

/* The host gives up a machine that is silent for many times as long. */
#define ALIVE_PERIOD_MS 5000
#define MS_PER_S 1000
#define NS_PER_MS 1000000

/* The largest request that QEMU's virtio transport takes; the default of the kernel makes reading Node slow. */
#define SHARE_OPTIONS "trans=virtio,version=9p2000.L,msize=512000,"
/* Nothing changes below, so the kernel may keep what it has read. */
#define READ_ONLY_SHARE SHARE_OPTIONS "cache=loose,ro"
#define WRITABLE_SHARE SHARE_OPTIONS "cache=none,access=any"

#define SYSTEM (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define ROOT "/root"

static int control = -1;

static _Noreturn void power_off(void)
{
	/* An end is told by the last line; the machine goes when the host has read it. */
	if (control >= 0)
		close(control);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void say(const char *line)
{
	size_t length = strlen(line);
	int fd = control >= 0 ? control : STDERR_FILENO;

	if (write(fd, line, length) != (ssize_t)length)
		perror("init: control line");
}

static _Noreturn void fail(const char *step, int error)
{
	char line[512];

	snprintf(line, sizeof(line), "fault %s: %s\n", step, strerror(error));
	say(line);
	power_off();
}

static void must_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)
{
	if (mkdir(target, 0755) != 0 && errno != EEXIST)
		fail(target, errno);
	if (mount(source, target, type, flags, data) != 0)
		fail(target, errno);
}

static char **must_read(const char *path)
{
	char **lines;
	int err = read_lines(path, &lines);

	if (err || lines == NULL || lines[0] == NULL)
		fail(path, err ? -err : ENOENT);
	return lines;
}

static int open_port(int port)
{
	char path[32];
	int fd = -1;

	for (int device = 0; device < MAX_DEVICES && fd < 0; device++) {
		snprintf(path, sizeof(path), "/dev/vport%dp%d", device, port);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			fail(path, errno);
	}
	return fd;
}

static int must_open_port(int port)
{
	const struct timespec period = { .tv_nsec = PORT_PERIOD_MS * 1000000L };

	for (int waited = 0; waited < PORT_PATIENCE_MS; waited += PORT_PERIOD_MS) {
		int fd = open_port(port);

		if (fd >= 0)
			return fd;
		nanosleep(&period, NULL);
	}
	fail("port", ETIMEDOUT);
}

static void prepare_modules(void)
{
	const char *which;
	int err = load_modules("/ktstr/modules", &which);

	if (err)
		fail(which, -err);
}

/* The paths of the host, all of them, so that programs find each other as they do there. */
static void mount_root(const char *shared)
{
	char target[4096];

	must_mount("host", "/host", "9p", MS_RDONLY, READ_ONLY_SHARE);
	must_mount("memory", "/memory", "tmpfs", 0, "mode=755");
	if (mkdir("/memory/upper", 0755) != 0 || mkdir("/memory/work", 0755) != 0)
		fail("/memory", errno);
	must_mount("root", ROOT, "overlay", 0, "lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work");
	if ((size_t)snprintf(target, sizeof(target), "%s%s", ROOT, shared) >= sizeof(target))
		fail("/ktstr/shared", ENAMETOOLONG);
	must_mount("shared", target, "9p", 0, WRITABLE_SHARE);
	if (chroot(ROOT) != 0 || chdir("/") != 0)
		fail(ROOT, errno);
}

static void mount_system(void)
{
	must_mount("proc", "/proc", "proc", SYSTEM, NULL);
	must_mount("sys", "/sys", "sysfs", SYSTEM, NULL);
	must_mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=755");
	must_mount("pts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=620,ptmxmode=666");
	must_mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	must_mount("cgroup", "/sys/fs/cgroup", "cgroup2", SYSTEM, NULL);
}

static void give_descriptors(int out, int err)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (in < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		fail("descriptors", errno);
}

static pid_t start(const char *folder, char **arguments, char **environment, const sigset_t *children)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork", errno);
	if (pid > 0)
		return pid;
	setsid();
	sigprocmask(SIG_UNBLOCK, children, NULL);
	if (chdir(folder) == 0)
		execve(arguments[0], arguments, environment);
	fail(arguments[0], errno);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

/* Waits for a signal or until `*due`, which then moves on and is told. */
static void wait_and_tell(const sigset_t *children, int64_t *due)
{
	int64_t left = *due - now_ms();
	const struct timespec patience = { left / MS_PER_S, left % MS_PER_S * NS_PER_MS };

	if (left > 0 && (sigtimedwait(children, NULL, &patience) >= 0 || errno != EAGAIN))
		return;
	say("alive\n");
	*due = now_ms() + ALIVE_PERIOD_MS;
}

/* Processes whose parent is gone are this one's to bury; however many there are, the host is told in time. */
static int wait_for(pid_t program, const sigset_t *children)
{
	int64_t due = now_ms() + ALIVE_PERIOD_MS;

	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid == program)
			return status;
		if (pid < 0)
			fail("wait", errno);
		if (pid == 0 || now_ms() >= due)
			wait_and_tell(children, &due);
	}
}

int main(void)
{
	char line[64];
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	must_mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=755");
	prepare_modules();
	control = must_open_port(PORT_CONTROL);
	int out = must_open_port(PORT_OUT);
	int err = must_open_port(PORT_ERR);
	char **shared = must_read("/ktstr/shared");
	char **folder = must_read("/ktstr/folder");
	char **arguments = must_read("/ktstr/argv");
	char **environment = must_read("/ktstr/env");

	int unconnected = loopback_up();
	if (unconnected)
		fail("loopback", -unconnected);
	mount_root(shared[0]);
	mount_system();
	give_descriptors(out, err);
	say("ready\n");
	int status = wait_for(start(folder[0], arguments, environment, &children), &children);
	if (WIFSIGNALED(status))
		snprintf(line, sizeof(line), "signal %d\n", WTERMSIG(status));
	else
		snprintf(line, sizeof(line), "exit %d\n", WEXITSTATUS(status));
	say(line);
	power_off();
}
