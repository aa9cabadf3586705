/* SLP_EN with the sleep type of S5. */
#include "raw.h"
	mov $0x604, %dx
	mov $0x3400, %ax
	out %ax, %dx
	jmp .
