#ifndef KTSTR_MOUNTS_H
#define KTSTR_MOUNTS_H

/* Mounts /dev, which the serial lines need. Returns 0, or -errno with *what naming the mount. */
int mount_devices(const char **what);

/* Mounts everything else. Returns 0, or -errno with *what naming the mount that failed. */
int mount_all(const char **what);

#endif
