/* What every raw guest starts with: real mode at 0x1000, all segments at 0. */
	.code16
	.globl _start
#define COM1 0x3f8
#define COM2 0x2f8
