#ifndef KTSTR_GROUPS_H
#define KTSTR_GROUPS_H

#include "kit.h"

struct group_declaration {
	uint32_t id;
	const char *cgroup; /* NULL: none */
	uint32_t count;
	const struct work_type *type;
	uint64_t seed;
};

/* Appends a group with memory for its workers. Returns 0, or -errno. */
int groups_add(struct kit *kit, const struct group_declaration *declaration);

/* Forgets all groups. Their workers must be dead. */
void groups_clear(struct kit *kit);

/* The member with this pid, or NULL; *group and *index say where it is. */
struct member *groups_find(struct kit *kit, pid_t pid, struct group **group, uint32_t *index);

#endif
