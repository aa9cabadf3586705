/*
 * Lets COM1 interrupt it three times, each time out of a halt, writes how often that was to COM1, and powers off. Needs
 * interrupt controllers.
 */
#include "raw.h"
#define VECTORS 0x20
#define COM1_VECTOR (VECTORS + 4)
#define COUNT 0x3000
#define STACK 0x4000
#define PIC 0x20
#define PIC_DATA 0x21
#define PIC_END 0x20
#define ALL_BUT_COM1 0xef
#define IER 1
#define IIR 2
#define TRANSMITTER_EMPTY 2

	.macro put port, value
	mov $\value, %al
	out %al, $\port
	.endm

	cli
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %ss
	mov $STACK, %sp
	movw $handler, COM1_VECTOR * 4
	mov %ax, COM1_VECTOR * 4 + 2
	mov %ax, COUNT
	put PIC, 0x11
	put PIC_DATA, VECTORS
	put PIC_DATA, 4
	put PIC_DATA, 1
	put PIC_DATA, ALL_BUT_COM1
again:	cli
	mov $(COM1 + IER), %dx
	xor %al, %al
	out %al, %dx
	mov $TRANSMITTER_EMPTY, %al
	out %al, %dx
	sti
	hlt
	cmpw $3, COUNT
	jb again

	cli
	mov $COM1, %dx
	mov COUNT, %al
	add $'0', %al
	out %al, %dx
	mov $0x604, %dx
	mov $0x3400, %ax
	out %ax, %dx
	jmp .

handler:
	push %ax
	push %dx
	mov $(COM1 + IIR), %dx
	in %dx, %al
	incw COUNT
	mov $PIC_END, %al
	out %al, $PIC
	pop %dx
	pop %ax
	iret
