#ifndef KTSTR_LINES_H
#define KTSTR_LINES_H

/*
 * Reads a text file into a NULL-terminated list of its non-empty lines, without the line ends. *lines is NULL when
 * there is no such file. The memory is never given back: the caller execs. Returns 0, or -errno.
 */
int read_lines(const char *path, char ***lines);

#endif
