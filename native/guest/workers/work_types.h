#ifndef KTSTR_WORK_TYPES_H
#define KTSTR_WORK_TYPES_H

struct worker;

/* Runs until worker_tick() says to stop. */
typedef void (*work_fn)(struct worker *worker);

struct work_type {
	const char *name; /* as in WORK_TYPES of src/spec/workload/work-spec.ts */
	work_fn run;
};

/* NULL when there is none of that name. */
const struct work_type *work_type_find(const char *name);

void spin_wait(struct worker *worker);

#endif
