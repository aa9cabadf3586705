/* The console from a guest's side: every register, its six queues, and what comes out of the line of its frames. */
#include "console.h"
#include "host.h"
#include "invariant.h"
#include "ram.h"
#include "rig.h"
#include "ring.h"
#include "requests.h"

#include <linux/virtio_console.h>
#include <linux/virtio_mmio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define CONTROL_TX 3
#define FRAMES_TX 5
/* More in one request would make of a notification a wait without an end. */
#define MOST_FRAMES_BYTES (1UL << 20)

static struct console console;
static struct rig rig;
/* Of the request that is being written: the buffer that comes next. */
static uint16_t next_buffer;
static uint64_t last_request, request_bytes;

/* The frames of a request come out in their order and whole. */
static void judge_line(const void *bytes, size_t length)
{
	const struct watched_request *request = watched_request();

	HOLDS(request->is_taken && request->queue == &console.transport.queues[FRAMES_TX]);
	if (last_request != watched_requests()) {
		next_buffer = 0;
		request_bytes = 0;
	}
	last_request = watched_requests();
	HOLDS(next_buffer < request->chain.readable);
	HOLDS(bytes == request->chain.buffers[next_buffer].iov_base);
	HOLDS(length == request->chain.buffers[next_buffer].iov_len);
	request_bytes += length;
	HOLDS(request_bytes <= MOST_FRAMES_BYTES);
	next_buffer++;
}

/* A message as the driver sends it, or as it would not. */
static void own_step(struct rig *at, struct input *input)
{
	uint8_t how = input_u8(input);
	struct virtio_console_control control = { .id = how & 1, .event = how >> 1 & 7, .value = 1 };
	struct vring_desc buffer = { .addr = ring_free_gpa(), .len = sizeof(control) };

	if (how & 0x80)
		control.value = input_u16(input);
	if (how & 0x40)
		control.id = input_u32(input);
	ram_put(buffer.addr, &control, sizeof(control));
	ring_request(&console.transport.queues[CONTROL_TX], &buffer, 1);
	rig_write(at, VIRTIO_MMIO_QUEUE_NOTIFY, CONTROL_TX);
	HOLDS(console.pending <= CONSOLE_MAX_PENDING);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, bytes + length };
	static const int no_vm = -1, port_fd = HOST_FD;

	rig.transport = &console.transport;
	rig.own_step = own_step;
	rig_reset(&rig);
	host.on_write = judge_line;
	last_request = 0;
	console_init(&console, &ram, &port_fd, (struct irq){ .vm_fd = &no_vm, .gsi = 5 });
	rig_run(&rig, &input);
	console_deinit(&console);
	return 0;
}
