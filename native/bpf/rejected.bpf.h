/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* What the verifier refuses. It does not walk this while the switches in .rodata that lead here are off. */
#ifndef KTSTR_BPF_REJECTED_H
#define KTSTR_BPF_REJECTED_H

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} scratch SEC(".maps");

static void be_rejected(u64 mix)
{
	u32 key = 0;
	u64 *value = bpf_map_lookup_elem(&scratch, &key);

	*value = mix;
}

/* Walked iteration by iteration by the verifier, which finds the unchecked access only behind the last. */
static void be_rejected_late(void)
{
	u64 mix = bpf_get_prandom_u32();
	u32 i;

	for (i = 0; i < 1000; i++) {
		barrier_var(i);
		mix = mix * 31 + i;
		if (mix & 64)
			mix ^= i << 3;
		barrier_var(mix);
	}
	be_rejected(mix);
}

#endif
