/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Sizes on which scx_ktstr.bpf.c and its loader agree. */
#ifndef KTSTR_BPF_LIMITS_H
#define KTSTR_BPF_LIMITS_H

#define MAX_CPUS 512
#define MAX_LLCS 64

/* A delay option that was not given. */
#define NEVER_NS (~0ULL)

#endif
