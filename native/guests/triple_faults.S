/* An interrupt table without entries: the first fault has no handler, and neither has the fault that this is. */
#include "raw.h"
	lidt empty
	ud2
empty:	.word 0
	.long 0
