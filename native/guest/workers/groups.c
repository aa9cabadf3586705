#include "groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void group_destroy(struct group *group)
{
	if (group->slots != NULL)
		munmap(group->slots, group->count * sizeof(*group->slots));
	free(group->members);
	free(group->cgroup);
	free(group);
}

static struct group *group_create(const struct group_declaration *declaration)
{
	struct group *group = calloc(1, sizeof(*group));

	if (group == NULL)
		return NULL;
	group->id = declaration->id;
	group->type = declaration->type;
	group->seed = declaration->seed;
	group->count = declaration->count;
	group->members = calloc(group->count, sizeof(*group->members));
	if (declaration->cgroup != NULL)
		group->cgroup = strdup(declaration->cgroup);
	group->slots = mmap(NULL, group->count * sizeof(*group->slots), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (group->slots == MAP_FAILED)
		group->slots = NULL;
	if (group->members == NULL || group->slots == NULL || (declaration->cgroup != NULL && group->cgroup == NULL)) {
		group_destroy(group);
		return NULL;
	}
	return group;
}

int groups_add(struct kit *kit, const struct group_declaration *declaration)
{
	struct group **end = &kit->groups;

	while (*end != NULL)
		end = &(*end)->next;
	*end = group_create(declaration);
	if (*end == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < (*end)->count; i++) {
		(*end)->slots[i].report.group = declaration->id;
		(*end)->slots[i].report.index = i;
	}
	return 0;
}

void groups_clear(struct kit *kit)
{
	while (kit->groups != NULL) {
		struct group *group = kit->groups;

		kit->groups = group->next;
		group_destroy(group);
	}
}

struct member *groups_find(struct kit *kit, pid_t pid, struct group **group, uint32_t *index)
{
	for (*group = kit->groups; *group != NULL; *group = (*group)->next) {
		for (*index = 0; *index < (*group)->count; (*index)++) {
			struct member *member = &(*group)->members[*index];

			if (member->alive && member->pid == pid)
				return member;
		}
	}
	return NULL;
}
