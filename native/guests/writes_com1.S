#include "raw.h"
	mov $COM1, %dx
	mov $message, %si
next:	lodsb
	test %al, %al
	jz end
	out %al, %dx
	jmp next
end:	hlt
message: .asciz "hello from real mode\n"
