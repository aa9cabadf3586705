#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The bytes that the fuzzer made, read from the front. Behind their end there are zeros. */
struct input {
	const uint8_t *next, *end;
};

static inline size_t input_left(const struct input *input)
{
	return (size_t)(input->end - input->next);
}

static inline uint64_t input_take(struct input *input, size_t bytes)
{
	size_t count = bytes < input_left(input) ? bytes : input_left(input);
	uint64_t value = 0;

	memcpy(&value, input->next, count);
	input->next += count;
	return value;
}

static inline uint8_t input_u8(struct input *input)
{
	return (uint8_t)input_take(input, 1);
}

static inline uint16_t input_u16(struct input *input)
{
	return (uint16_t)input_take(input, 2);
}

static inline uint32_t input_u32(struct input *input)
{
	return (uint32_t)input_take(input, 4);
}

static inline uint64_t input_u64(struct input *input)
{
	return input_take(input, 8);
}

#endif
