#include "work_types.h"

#include <stddef.h>
#include <string.h>

static const struct work_type work_types[] = {
	{ "SpinWait", spin_wait },
};

const struct work_type *work_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof(work_types) / sizeof(work_types[0]); i++) {
		if (strcmp(work_types[i].name, name) == 0)
			return &work_types[i];
	}
	return NULL;
}
