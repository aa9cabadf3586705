#ifndef KTSTR_LOOPBACK_H
#define KTSTR_LOOPBACK_H

/* Brings `lo` up. A kernel without a network has nothing to bring up. Returns 0, or -errno. */
int loopback_up(void);

#endif
