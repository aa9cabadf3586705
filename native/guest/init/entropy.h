#ifndef KTSTR_ENTROPY_H
#define KTSTR_ENTROPY_H

/*
 * Has the kernel give out random numbers at once. Without an instruction for them, as in virtual time, it waits for 256
 * ticks of a jittering timer first: up to a second, which Node spends as it starts. Returns 0, or -errno.
 */
int credit_entropy(void);

#endif
