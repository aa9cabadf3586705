/* Device of virtio 1.2, section 5.3. Names as in linux/virtio_console.h. */
#include "console.h"
#include "line.h"

#include <errno.h>
#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>
#include <string.h>

#define PORTS 2
#define FRAMES_PORT 1
/* As QEMU names it for its machines; udev and sysfs show it. */
#define FRAMES_NAME "ktstr"

/* Receive and transmit of port 0, then of the control line, then of port 1. */
enum { CONTROL_RX = 2, CONTROL_TX = 3, FRAMES_TX = CONSOLE_FRAMES_QUEUE, QUEUES = 6 };
#define PORT0_TX 1
/*
 * Entries of the queues that carry little. Linux fills those that it receives from at once, and gives notice of each
 * buffer, which is an exit.
 */
#define SMALL_QUEUE 16
/* Of one request. Linux sends 32 KiB, and more only of a pipe that holds more. */
#define MAX_FRAMES_BYTES (1UL << 20)

static void tell(struct console *console, uint32_t port, uint16_t event, uint16_t value)
{
	if (console->pending < CONSOLE_MAX_PENDING)
		console->messages[console->pending++] = (struct console_message){ port, event, value };
}

/* The name follows its message in the same buffer. */
static size_t encode(const struct console_message *message, uint8_t *out)
{
	struct virtio_console_control control = { .id = message->port,
						  .event = message->event,
						  .value = message->value };
	size_t length = sizeof(control);

	memcpy(out, &control, length);
	if (message->event == VIRTIO_CONSOLE_PORT_NAME) {
		memcpy(out + length, FRAMES_NAME, strlen(FRAMES_NAME));
		length += strlen(FRAMES_NAME);
	}
	return length;
}

static int send_pending(struct console *console)
{
	struct virtio_mmio *transport = &console->transport;
	struct virtq_chain *chain = &transport->chain;
	uint8_t bytes[sizeof(struct virtio_console_control) + sizeof(FRAMES_NAME)];
	uint32_t sent = 0;
	int got = 0;

	while (sent < console->pending) {
		size_t length = encode(&console->messages[sent], bytes);

		got = virtq_pop(&transport->queues[CONTROL_RX], transport->memory, chain);
		if (got <= 0)
			break;
		if (chain->writable == 0 || chain->buffers[chain->readable].iov_len < length)
			return -EPROTO;
		memcpy(chain->buffers[chain->readable].iov_base, bytes, length);
		got = virtio_mmio_complete(transport, CONTROL_RX, (uint32_t)length);
		if (got < 0)
			break;
		sent++;
	}
	console->pending -= sent;
	memmove(console->messages, console->messages + sent, console->pending * sizeof(console->messages[0]));
	return got < 0 ? got : 0;
}

static void take_control(struct console *console, const struct virtio_console_control *control)
{
	if (control->event == VIRTIO_CONSOLE_DEVICE_READY && control->value == 1)
		tell(console, FRAMES_PORT, VIRTIO_CONSOLE_PORT_ADD, 1);
	if (control->event == VIRTIO_CONSOLE_PORT_READY && control->id == FRAMES_PORT && control->value == 1) {
		tell(console, FRAMES_PORT, VIRTIO_CONSOLE_PORT_NAME, 1);
		tell(console, FRAMES_PORT, VIRTIO_CONSOLE_PORT_OPEN, 1);
	}
}

static int receive_control(struct console *console, const struct virtq_chain *chain)
{
	struct virtio_console_control control;

	if (chain->readable == 0 || chain->buffers[0].iov_len < sizeof(control))
		return -EPROTO;
	memcpy(&control, chain->buffers[0].iov_base, sizeof(control));
	take_control(console, &control);
	return 0;
}

/* A reader that is out of space loses bytes; the guest is not held up by it. */
static int receive_frames(struct console *console, const struct virtq_chain *chain)
{
	size_t bytes = 0;

	/* Buffers may lie over each other, so RAM is no bound for what they are together. */
	for (uint16_t i = 0; i < chain->readable; i++)
		bytes += chain->buffers[i].iov_len;
	if (bytes > MAX_FRAMES_BYTES)
		return -EPROTO;
	for (uint16_t i = 0; i < chain->readable; i++)
		line_write(*console->port_fd, chain->buffers[i].iov_base, chain->buffers[i].iov_len);
	return 0;
}

static int drain(struct console *console, uint32_t queue)
{
	struct virtio_mmio *transport = &console->transport;
	int got, err = 0;

	while ((got = virtq_pop(&transport->queues[queue], transport->memory, &transport->chain)) > 0) {
		if (queue == CONTROL_TX)
			err = receive_control(console, &transport->chain);
		else if (queue == FRAMES_TX)
			err = receive_frames(console, &transport->chain);
		if (!err)
			err = virtio_mmio_complete(transport, queue, 0);
		if (err)
			return err;
	}
	return got;
}

static int notify(struct virtio_mmio *transport, uint32_t queue)
{
	struct console *console = (struct console *)transport;
	int err = 0;

	if (queue == CONTROL_TX || queue == FRAMES_TX || queue == PORT0_TX)
		err = drain(console, queue);
	return err ? err : send_pending(console);
}

static uint64_t read_config(struct virtio_mmio *transport, struct access access)
{
	const struct virtio_console_config config = { .max_nr_ports = PORTS };
	uint64_t value = 0;

	(void)transport;
	if (access.size <= sizeof(value) && access.offset <= sizeof(config) - access.size)
		memcpy(&value, (const uint8_t *)&config + access.offset, access.size);
	return value;
}

static void reset(struct virtio_mmio *transport)
{
	((struct console *)transport)->pending = 0;
}

static const struct virtio_ops ops = {
	.device_id = VIRTIO_ID_CONSOLE,
	.queue_count = QUEUES,
	.queue_sizes = { SMALL_QUEUE, SMALL_QUEUE, SMALL_QUEUE, SMALL_QUEUE, SMALL_QUEUE, VIRTQ_MAX_SIZE },
	.features = 1ULL << VIRTIO_CONSOLE_F_MULTIPORT,
	.read_config = read_config,
	.notify = notify,
	.reset = reset,
};

void console_init(struct console *console, const struct memory *memory, const int *port_fd, struct irq irq)
{
	memset(console, 0, sizeof(*console));
	console->port_fd = port_fd;
	virtio_mmio_init(&console->transport, &ops, memory, irq);
}

void console_carry(void *console)
{
	virtio_mmio_notify(&((struct console *)console)->transport, FRAMES_TX);
}

void console_deinit(struct console *console)
{
	virtio_mmio_deinit(&console->transport);
}
