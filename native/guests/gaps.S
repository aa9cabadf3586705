/*
 * Reads the TSC for as long as it runs, in units of 1024 of its ticks: the last reading, and the longest gap between two
 * of them, are in memory.
 */
#include "raw.h"
#define NOW 0x3000
#define LONGEST 0x3004

	.macro read
	rdtsc
	shrd $10, %edx, %eax
	.endm

	xor %ax, %ax
	mov %ax, %ds
	read
	mov %eax, %esi
next:	read
	mov %eax, %ecx
	sub %esi, %ecx
	mov %eax, %esi
	mov %eax, NOW
	cmp LONGEST, %ecx
	jbe next
	mov %ecx, LONGEST
	jmp next
