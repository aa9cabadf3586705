#include "raw.h"
	xor %ax, %ax
next:	inc %ax
	jmp next
