/*
 * COM2, the line that works from the first mount to the last gasp: stage marks, faults, and where a lost test body
 * loops.
 */
#ifndef KTSTR_SERIAL_H
#define KTSTR_SERIAL_H

#include <stdint.h>

/* Puts stdio on /dev/console and opens COM2. A machine without COM2 loses the marks, nothing else. */
void serial_open(void);

/* -1 while there is none. */
int serial_fd(void);

/* Writes `stage <name> <ns>`. */
void mark_stage(const char *name, uint64_t at_ns);

/* Writes `vmcoreinfo <physical address> <bytes>`, both hexadecimal, where the kernel tells where it keeps its own
 * description. */
void tell_vmcoreinfo(void);

/* Writes the line of fault_line() to COM2 and the console. */
void report_fault(const char *what, int err);

/* Waits until the line has sent everything, then powers off. */
_Noreturn void power_off(void);

/* report_fault(), then power_off(). */
_Noreturn void fail(const char *what, int err);

#endif
