#ifndef FUZZ_REQUESTS_H
#define FUZZ_REQUESTS_H

#include "virtq.h"

/* The request that was taken last, as the device sees it. */
struct watched_request {
	const struct virtq *queue;
	bool is_taken;
	struct virtq_chain chain;
};

/* Forgets requests and counts of an earlier input. */
void watch_reset(void);
const struct watched_request *watched_request(void);

/* Requests taken since the start. */
uint64_t watched_requests(void);

#endif
