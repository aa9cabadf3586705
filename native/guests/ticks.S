/* Writes one byte to COM1 for as long as it runs. */
#include "raw.h"
	mov $COM1, %dx
	mov $'t', %al
next:	out %al, %dx
	jmp next
