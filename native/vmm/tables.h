#ifndef VMM_TABLES_H
#define VMM_TABLES_H

#include "machine.h"

/* What is to be told of nodes. `nodes` as many as the configuration says. */
void tables_take_nodes(struct machine *machine, const struct vmm_config *config, const struct vmm_node *nodes);

/* Writes the tables into RAM, which is laid out. */
int tables_build(struct machine *machine, struct vmm_error *error);

#endif
