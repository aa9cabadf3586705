/* Counts in a word of memory for as long as it runs. */
#include "raw.h"
#define COUNTER 0x3000
	xor %ax, %ax
	mov %ax, %ds
next:	inc %ax
	mov %ax, COUNTER
	jmp next
