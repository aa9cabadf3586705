#ifndef FUZZ_RAM_H
#define FUZZ_RAM_H

#include "input.h"
#include "memory.h"

#include <stdbool.h>
#include <sys/uio.h>

/*
 * RAM of a guest with a hole below 4 GiB, between pages that nobody may touch. Inputs work in three windows: at the
 * start, before the hole and behind it.
 */
#define RAM_WINDOWS 3
#define RAM_WINDOW_BYTES 0x4000

extern struct memory ram;

void ram_reset(void);

/* What memory_at() must say, by a rule of its own. */
bool ram_holds(uint64_t gpa, uint64_t length);
uint8_t *ram_host(uint64_t gpa);

/* The host's address of a part of RAM. */
bool ram_holds_host(const void *at, uint64_t length);

uint64_t ram_window(uint32_t index);

/* Address in or near a window, or any. */
uint64_t ram_take_gpa(struct input *input);

/* Writes what the guest writes; what does not lie in RAM is lost. */
void ram_put(uint64_t gpa, const void *bytes, size_t length);

/* Until the next of these, a device that touches another byte of a window than those of these buffers is found out. */
void ram_allow_only(const struct iovec *buffers, uint32_t count);
void ram_allow_all(void);

/* Between these two, each look-up of an address may be followed by a write of another vcpu, as the input says. */
void ram_race_begin(struct input *input);
void ram_race_end(void);
bool ram_is_raced(void);

/* Look-ups since the start. */
uint64_t ram_lookups(void);

/* Windows as they are now, and whether they are still so but for [at, at + length). */
void ram_remember(void);
bool ram_is_unchanged_but(const uint8_t *at, size_t length);

#endif
