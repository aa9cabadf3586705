#ifndef KTSTR_REPLY_H
#define KTSTR_REPLY_H

#include <stddef.h>

/* Writes to stdout. A reader that is gone ends the kit by SIGPIPE, and PDEATHSIG its workers. */
__attribute__((format(printf, 1, 2))) void reply(const char *format, ...);
void reply_bytes(const void *bytes, size_t length);

/* `error <what> <errno> <text>`; `what` has no white space, err is positive or negative. */
void reply_error(const char *what, int err);

#endif
