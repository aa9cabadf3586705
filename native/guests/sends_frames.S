/*
 * Puts FRAMES frames of eight bytes into the queue of port 1, seven hexadecimal digits and a line end, with a notice
 * for each, and powers off at once after the last. Waits only for room in the queue.
 */
#include "console.h"
#define FRAMES 2000
#define FRAME_BYTES 8
/* One per entry of the queue. */
#define BUFFERS 0x13000
#define PM_CONTROL 0x604
#define POWER_OFF 0x3400

	xor %ebx, %ebx
next:	movzwl USED + 2, %eax
	mov %ebx, %ecx
	sub %eax, %ecx
	and $0xffff, %ecx
	cmp $QUEUE_SIZE, %ecx
	jae next

	mov %ebx, %esi
	and $(QUEUE_SIZE - 1), %esi
	lea BUFFERS(, %esi, FRAME_BYTES), %edi
	mov %esi, %eax
	shl $4, %eax
	mov %edi, DESC(%eax)
	movl $0, DESC + 4(%eax)
	movl $FRAME_BYTES, DESC + 8(%eax)
	movl $0, DESC + 12(%eax)

	mov %ebx, %edx
	shl $4, %edx
	mov $(FRAME_BYTES - 1), %ecx
digit:	rol $4, %edx
	mov %edx, %eax
	and $15, %eax
	mov digits(%eax), %al
	mov %al, (%edi)
	inc %edi
	dec %ecx
	jnz digit
	movb $'\n', (%edi)

	mov %si, RING + 4(, %esi, 2)
	inc %ebx
	mov %bx, RING + 2
	set 0x050, QUEUE
	cmp $FRAMES, %ebx
	jb next

	mov $PM_CONTROL, %edx
	mov $POWER_OFF, %eax
	out %ax, %dx
	hlt
digits:	.ascii "0123456789abcdef"
