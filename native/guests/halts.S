/* Halts with interrupts on, though nothing ever interrupts it; writes to COM1 when it gets any further. */
#include "raw.h"
	sti
	mov $'h', %al
	mov $COM1, %dx
	out %al, %dx
	hlt
	mov $'w', %al
	out %al, %dx
	jmp .
