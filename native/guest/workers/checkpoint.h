#ifndef KTSTR_CHECKPOINT_H
#define KTSTR_CHECKPOINT_H

#include "worker.h"

/* A checkpoint falls due whenever the count of work units is a multiple of this. */
#define CHECKPOINT_UNITS 1024

/* Notes the time and the CPU: the longest gap, migrations, CPUs used. */
void checkpoint(struct worker *worker);

/* The checkpoint at zero work units: the CPU it finds is no migration. */
void checkpoint_first(struct worker *worker);

#endif
