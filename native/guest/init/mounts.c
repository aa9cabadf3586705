#include "mounts.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define STRICT (MS_NOSUID | MS_NODEV | MS_NOEXEC)

struct mount_point {
	const char *what; /* word for the fault line */
	const char *type;
	const char *target;
	unsigned long flags;
	const char *data;
	bool optional; /* a kernel may be built without it */
};

static const struct mount_point devices = { "mount:/dev", "devtmpfs", "/dev", MS_NOSUID, "mode=755", false };

static const struct mount_point mount_points[] = {
	{ "mount:/proc", "proc", "/proc", STRICT, NULL, false },
	{ "mount:/sys", "sysfs", "/sys", STRICT, NULL, false },
	{ "mount:/dev/pts", "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=620,ptmxmode=666", false },
	{ "mount:/dev/shm", "tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777", false },
	{ "mount:/tmp", "tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777", false },
	{ "mount:/run", "tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755", false },
	{ "mount:/sys/fs/cgroup", "cgroup2", "/sys/fs/cgroup", STRICT, NULL, false },
	{ "mount:/sys/kernel/debug", "debugfs", "/sys/kernel/debug", STRICT, NULL, true },
	{ "mount:/sys/kernel/tracing", "tracefs", "/sys/kernel/tracing", STRICT, NULL, true },
	{ "mount:/sys/fs/bpf", "bpf", "/sys/fs/bpf", STRICT, "mode=700", true },
};

static int mount_one(const struct mount_point *mp)
{
	int err;

	if (mount(mp->type, mp->target, mp->type, mp->flags, mp->data) == 0)
		return 0;
	err = errno;
	/* The image need not hold the folder. One in sysfs is missing where the kernel lacks the type. */
	if (err == ENOENT && !mp->optional && mkdir(mp->target, 0755) == 0) {
		if (mount(mp->type, mp->target, mp->type, mp->flags, mp->data) == 0)
			return 0;
		err = errno;
	}
	/* Mounted already, by the kernel. */
	if (err == EBUSY)
		return 0;
	if (mp->optional && (err == ENODEV || err == ENOENT))
		return 0;
	return -err;
}

int mount_devices(const char **what)
{
	*what = devices.what;
	return mount_one(&devices);
}

int mount_all(const char **what)
{
	for (size_t i = 0; i < sizeof(mount_points) / sizeof(mount_points[0]); i++) {
		int err = mount_one(&mount_points[i]);

		if (err) {
			*what = mount_points[i].what;
			return err;
		}
	}
	return 0;
}
