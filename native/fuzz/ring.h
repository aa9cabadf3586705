#ifndef FUZZ_RING_H
#define FUZZ_RING_H

#include "input.h"
#include "virtq.h"

#include <linux/virtio_ring.h>

/* Where a well-behaved driver puts a queue: rings that do not overlap, aligned, in a window of RAM. */
void ring_place(struct virtq *queue, uint32_t index);

/* One step of a guest that fills a queue, as the input says: a descriptor, a request, an index, a value anywhere. */
void ring_step(const struct virtq *queue, struct input *input);

/* A request of buffers that are chained in their order, in the entry that the device looks at next. */
void ring_request(const struct virtq *queue, struct vring_desc *buffers, uint16_t count);

/* Memory that the layout leaves free. */
uint64_t ring_free_gpa(void);

#endif
