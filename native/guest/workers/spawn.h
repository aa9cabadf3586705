#ifndef KTSTR_SPAWN_H
#define KTSTR_SPAWN_H

#include "kit.h"

/*
 * Forks the workers of all groups that have none yet, each directly into its cgroup, and lets them wait for the
 * release. Returns 0, or -errno with *what naming the step; then a part of the workers may be there.
 */
int spawn_workers(struct kit *kit, const char **what);

#endif
