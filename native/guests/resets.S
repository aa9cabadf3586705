/* The keyboard controller's reset line. */
#include "raw.h"
	mov $0xfe, %al
	out %al, $0x64
	jmp .
