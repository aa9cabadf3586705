#ifndef FUZZ_INVARIANT_H
#define FUZZ_INVARIANT_H

#include <stdio.h>
#include <stdlib.h>

/* What must hold whatever the input is; libFuzzer keeps the input that breaks it. */
#define HOLDS(condition)                                                                               \
	do {                                                                                           \
		if (!(condition)) {                                                                    \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                       \
		}                                                                                      \
	} while (0)

#endif
