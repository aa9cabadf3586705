#ifndef VMM_OFFERS_H
#define VMM_OFFERS_H

#include "machine.h"

/* Whether the host's KVM has all that the machine's vcpus need; -ENOTSUP with what is missing. */
int offers_check(const struct machine *machine, struct vmm_error *error);

#endif
