/*
 * Lets its local APIC's timer count down, round by round: how many rounds there were, and how long the last one took by
 * the TSC in units of 1024 of its ticks, are in memory. Needs interrupt controllers.
 */
#include "protected.h"
#define ROUNDS 0x3000
#define LAST 0x3004
#define APIC 0xfee00000
#define SPURIOUS (APIC + 0xf0)
#define TIMER (APIC + 0x320)
#define INITIAL (APIC + 0x380)
#define CURRENT (APIC + 0x390)
#define DIVIDE (APIC + 0x3e0)
#define ON 0x1ff
#define MASKED 0x10000
#define BY_ONE 0xb
/* Half a second at the rate that KVM gives to the timer. */
#define COUNT 500000000

	.macro read
	rdtsc
	shrd $10, %edx, %eax
	.endm

	movl $ON, SPURIOUS
	movl $BY_ONE, DIVIDE
	movl $MASKED, TIMER
next:	read
	mov %eax, %esi
	movl $COUNT, INITIAL
1:	cmpl $0, CURRENT
	jne 1b
	read
	sub %esi, %eax
	mov %eax, LAST
	incl ROUNDS
	jmp next
