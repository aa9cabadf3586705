/* Protected mode without paging, flat segments. */
#include "raw.h"

	cli
	lgdtl descriptors_end
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmpl $8, $protected

	.align 8
descriptors:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
descriptors_end:
	.word descriptors_end - descriptors - 1
	.long descriptors

	.code32
protected:
	mov $16, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %ss
