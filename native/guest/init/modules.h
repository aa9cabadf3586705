#ifndef KTSTR_MODULES_H
#define KTSTR_MODULES_H

/*
 * Loads the kernel modules listed in a file, one path per line, in order; no file means none. A module that is there
 * already is fine. Returns 0, or -errno with *which naming the path at fault.
 */
int load_modules(const char *list, const char **which);

#endif
