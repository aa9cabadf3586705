/*
 * Lets COM1 interrupt it through the IOAPIC and takes the cause away with the third interrupt alone: once as an edge,
 * which is told of once, then as a level, which is told of anew when its interrupt has ended. Writes to COM1 how often
 * that was for each, and powers off. Needs interrupt controllers.
 */
#include "protected.h"
#define VECTOR 0x31
#define IDT 0x3000
#define COUNT 0x3800
#define LEFT 0x3804
#define WAITS_AT 0x3808
#define STACK 0x5000
#define IOAPIC 0xfec00000
#define WINDOW (IOAPIC + 0x10)
#define COM1_ENTRY (0x10 + 2 * 4)
#define MASKED 0x10000
#define LEVEL 0x8000
#define APIC_END 0xfee000b0
#define APIC_SPURIOUS 0xfee000f0
#define ON 0x100
#define PIC_DATA 0x21
#define IER 1
#define IIR 2
#define TRANSMITTER_EMPTY 2

	.macro entry value
	movl $COM1_ENTRY, IOAPIC
	movl $\value, WINDOW
	.endm

	.macro enable what
	mov $(COM1 + IER), %edx
	mov $\what, %al
	out %al, %dx
	.endm

	/* Waits for so many interrupts, and then for as long as one more would take. */
	.macro interrupts kind, count
	movl $0, COUNT
	movl $3, LEFT
	entry (VECTOR | \kind)
	enable TRANSMITTER_EMPTY
	movl $1f, WAITS_AT
	mov $2000, %ecx
1:	sti
	cmpl $\count, COUNT
	jb 1b
	in $0x80, %al
	loop 1b
	cli
	enable 0
	entry (MASKED | VECTOR | \kind)
	.endm

	.macro tell
	mov COUNT, %al
	add $'0', %al
	mov $COM1, %edx
	out %al, %dx
	.endm

	mov $STACK, %esp
	mov $handler, %eax
	mov %ax, IDT + VECTOR * 8
	movw $8, IDT + VECTOR * 8 + 2
	movw $0x8e00, IDT + VECTOR * 8 + 4
	shr $16, %eax
	mov %ax, IDT + VECTOR * 8 + 6
	lidtl table
	/* Without what else a PC interrupts with. */
	mov $0xff, %al
	out %al, $PIC_DATA
	movl $(ON | 0x3f), APIC_SPURIOUS
	movl $(COM1_ENTRY + 1), IOAPIC
	movl $0, WINDOW

	interrupts 0, 1
	tell
	interrupts LEVEL, 3
	tell
	mov $0x604, %edx
	mov $0x3400, %ax
	out %ax, %dx
	jmp .

	/*
	 * One that comes after its cause has gone counts for nothing. Goes on where it is waited: an emulation of KVM has no
	 * IRET in this mode.
	 */
handler:
	cmpl $0, LEFT
	je 1f
	incl COUNT
	decl LEFT
	jnz 1f
	mov $(COM1 + IIR), %edx
	in %dx, %al
1:	movl $0, APIC_END
	add $12, %esp
	jmp *WAITS_AT

	.align 8
table:
	.word (VECTOR + 1) * 8 - 1
	.long IDT
