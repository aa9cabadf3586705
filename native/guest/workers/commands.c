#include "commands.h"
#include "collect.h"
#include "groups.h"
#include "release.h"
#include "reply.h"
#include "spawn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Chosen: far above any test; a larger count is a mistake, and its memory would be missed first elsewhere. */
#define MAX_WORKERS 65536

static bool parse_u64(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0 && *value <= max;
}

static void declare_group(struct kit *kit, char *rest)
{
	struct group_declaration declaration;
	const char *id = strsep(&rest, " "), *cgroup = strsep(&rest, " "), *count = strsep(&rest, " ");
	const char *type = strsep(&rest, " "), *seed = strsep(&rest, " ");
	uint64_t id_value, count_value;
	int err;

	if (!parse_u64(id, UINT32_MAX, &id_value) || !parse_u64(count, MAX_WORKERS, &count_value) || count_value == 0 ||
	    !parse_u64(seed, UINT64_MAX, &declaration.seed)) {
		reply_error("group", EINVAL);
		return;
	}
	declaration.id = (uint32_t)id_value;
	declaration.count = (uint32_t)count_value;
	declaration.cgroup = strcmp(cgroup, "-") == 0 ? NULL : cgroup;
	declaration.type = work_type_find(type);
	if (declaration.type == NULL) {
		reply_error("work-type", ENOENT);
		return;
	}
	err = groups_add(kit, &declaration);
	if (err)
		reply_error("group", err);
}

static void spawn(struct kit *kit)
{
	const char *what;
	int err = spawn_workers(kit, &what);

	if (err)
		reply_error(what, err);
	else
		reply("ready\n");
}

static void start(struct kit *kit)
{
	reply("started %llu\n", (unsigned long long)release_workers(kit));
}

static void sum_iterations(const struct kit *kit)
{
	uint64_t sum = 0;

	for (const struct group *group = kit->groups; group != NULL; group = group->next) {
		for (uint32_t i = 0; i < group->count; i++)
			sum += __atomic_load_n(&group->slots[i].report.iterations, __ATOMIC_RELAXED);
	}
	reply("iterations %llu\n", (unsigned long long)sum);
}

bool obey(struct kit *kit, char *line)
{
	const char *command = strsep(&line, " ");

	if (strcmp(command, "group") == 0)
		declare_group(kit, line);
	else if (strcmp(command, "spawn") == 0)
		spawn(kit);
	else if (strcmp(command, "start") == 0)
		start(kit);
	else if (strcmp(command, "iterations") == 0)
		sum_iterations(kit);
	else if (strcmp(command, "stop") == 0)
		stop_workers(kit);
	else if (strcmp(command, "quit") == 0)
		return false;
	else
		reply_error("command", EINVAL);
	return true;
}
