/*
 * Reads the console's magic number in accesses of four, two and one byte, then four bytes where no device is, then
 * what is left of a device at its end, and writes them all to COM1.
 */
#include "console.h"
#define NOWHERE 0xd1000000
#define LAST 0xd0000ffe

	.macro tell bytes
	mov $\bytes, %ecx
1:	out %al, %dx
	shr $8, %eax
	loop 1b
	.endm

	mov $COM1, %edx
	mov CONSOLE, %eax
	tell 4
	mov CONSOLE, %ax
	tell 2
	mov CONSOLE, %al
	tell 1
	movl $0x12345678, NOWHERE
	mov NOWHERE, %eax
	tell 4
	mov LAST, %eax
	tell 4
	hlt
