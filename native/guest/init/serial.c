#include "serial.h"
#include "../io.h"
#include "fault_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#define CONSOLE "/dev/console"
#define COM2 "/dev/ttyS1"
#define VMCOREINFO "/sys/kernel/vmcoreinfo"

/* Above stdio and the descriptors that the exec'd program inherits. */
#define FIRST_OWN_FD 10

static int com2 = -1;

/* Without devtmpfs the node is missing; a fault must still reach the line. */
static int open_device(const char *path, dev_t number)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && mknod(path, S_IFCHR | 0600, number) == 0)
		fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return fd;
}

static void open_console(void)
{
	int fd = open_device(CONSOLE, makedev(5, 1));

	if (fd < 0)
		return;
	for (int std = STDIN_FILENO; std <= STDERR_FILENO; std++) {
		/* dup2 onto itself would leave the close-on-exec flag. */
		if (fd == std)
			fcntl(fd, F_SETFD, 0);
		else
			dup2(fd, std);
	}
	if (fd > STDERR_FILENO)
		close(fd);
}

static void open_com2(void)
{
	struct termios raw;
	int fd = open_device(COM2, makedev(4, 65));

	if (fd < 0)
		return;
	if (tcgetattr(fd, &raw) == 0) {
		cfmakeraw(&raw);
		cfsetspeed(&raw, B115200);
		tcsetattr(fd, TCSANOW, &raw);
	}
	com2 = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN_FD);
	close(fd);
}

void serial_open(void)
{
	open_console();
	open_com2();
}

int serial_fd(void)
{
	return com2;
}

void mark_stage(const char *name, uint64_t at_ns)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "stage %s %llu\n", name, (unsigned long long)at_ns);

	write_all(com2, line, (size_t)length);
}

void tell_vmcoreinfo(void)
{
	static const char word[] = "vmcoreinfo ";
	char line[64];
	int fd = open(VMCOREINFO, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return;
	memcpy(line, word, sizeof(word) - 1);
	got = read(fd, line + sizeof(word) - 1, sizeof(line) - sizeof(word));
	close(fd);
	/* The kernel's text ends with a line feed. */
	if (got > 0)
		write_all(com2, line, sizeof(word) - 1 + (size_t)got);
}

void report_fault(const char *what, int err)
{
	char line[512];
	size_t length = fault_line(line, sizeof(line), what, err);

	write_all(com2, line, length);
	write_all(STDERR_FILENO, line, length);
}

void power_off(void)
{
	tcdrain(com2);
	tcdrain(STDERR_FILENO);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

void fail(const char *what, int err)
{
	report_fault(what, err);
	power_off();
}
