#ifndef VMM_TABLES_H
#define VMM_TABLES_H

#include "machine.h"

/* Writes the tables into RAM, which is laid out. */
int tables_build(struct machine *machine, struct vmm_error *error);

#endif
