/* Protected mode, and the console in service with its queue of frames. */
#include "protected.h"

#define CONSOLE 0xd0000000
#define QUEUE 5
#define QUEUE_SIZE 4
#define DESC 0x10000
#define USED 0x12000
#ifndef AVAIL
#define AVAIL 0x11000
#endif
/* Where the ring would be if it lay in RAM. */
#define RING 0x11000

	.macro set offset, value
	movl $\value, CONSOLE + \offset
	.endm

	set 0x070, 0
	set 0x070, 0x3
	set 0x024, 1
	set 0x020, 1
	set 0x070, 0xb
	set 0x030, QUEUE
	set 0x038, QUEUE_SIZE
	set 0x080, DESC
	set 0x090, AVAIL
	set 0x0a0, USED
	set 0x044, 1
	set 0x070, 0xf
