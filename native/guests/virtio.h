/*
 * A driver of the console that puts one request of one buffer into the queue of port 1, then gives out on COM1 the used
 * index as a digit and the status of the device. Its names can be overridden by the guest that includes it.
 */
#include "console.h"

#ifndef BUFFER
#define BUFFER message
#endif
#ifndef LENGTH
#define LENGTH (message_end - message)
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef HEAD
#define HEAD 0
#endif
#ifndef INDEX
#define INDEX 1
#endif

	movl $BUFFER, DESC
	movl $LENGTH, DESC + 8
	movl $FLAGS, DESC + 12
	movl $HEAD, RING + 4
	movl $(INDEX << 16), RING
	set 0x050, QUEUE

	mov $COM1, %edx
	movl USED, %eax
	shr $16, %eax
	add $'0', %al
	out %al, %dx
	movl CONSOLE + 0x070, %eax
	out %al, %dx
	hlt

message: .ascii "a frame"
message_end:
