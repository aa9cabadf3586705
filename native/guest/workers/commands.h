#ifndef KTSTR_COMMANDS_H
#define KTSTR_COMMANDS_H

#include "kit.h"

/* Obeys one command line and writes the reply. Returns false for `quit`. */
bool obey(struct kit *kit, char *line);

#endif
