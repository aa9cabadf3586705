#ifndef KTSTR_COLLECT_H
#define KTSTR_COLLECT_H

#include "kit.h"

/*
 * Reaps every child that has ended. A worker among them without a report of its own gets one that says how it ended,
 * and is announced unless the kit is stopping.
 */
void collect_dead(struct kit *kit);

/* Stops all workers, kills those that do not stop in time, and writes the reports. */
void stop_workers(struct kit *kit);

/* Kills all workers and what they forked, and reaps until nothing is left. Returns false when something is left. */
bool kill_workers(struct kit *kit);

#endif
