#ifndef KTSTR_RELEASE_H
#define KTSTR_RELEASE_H

#include "kit.h"

/* Lets all spawned workers that still wait begin at once. Returns the start instant they count from. */
uint64_t release_workers(struct kit *kit);

#endif
