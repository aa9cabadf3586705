#ifndef VMM_SETTINGS_H
#define VMM_SETTINGS_H

#include "machine.h"

/* What KVM is to do otherwise than usual for this machine; before its vcpus are made. */
int settings_apply(const struct machine *machine, const struct vmm_config *config, struct vmm_error *error);

#endif
