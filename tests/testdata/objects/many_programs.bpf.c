// SPDX-License-Identifier: GPL-2.0
/* Odd but valid: 200 programs, program_00_0 to program_19_9, each with a result of its own. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define PROGRAM(tens, ones)                                                                        \
	SEC("xdp")                                                                                 \
	int program_##tens##_##ones(struct xdp_md *ctx)                                            \
	{                                                                                          \
		return 1##tens##ones & 1 ? XDP_PASS : XDP_DROP;                                    \
	}

#define TEN_PROGRAMS(tens)                                                                         \
	PROGRAM(tens, 0)                                                                           \
	PROGRAM(tens, 1)                                                                           \
	PROGRAM(tens, 2)                                                                           \
	PROGRAM(tens, 3)                                                                           \
	PROGRAM(tens, 4)                                                                           \
	PROGRAM(tens, 5)                                                                           \
	PROGRAM(tens, 6)                                                                           \
	PROGRAM(tens, 7)                                                                           \
	PROGRAM(tens, 8)                                                                           \
	PROGRAM(tens, 9)

TEN_PROGRAMS(00)
TEN_PROGRAMS(01)
TEN_PROGRAMS(02)
TEN_PROGRAMS(03)
TEN_PROGRAMS(04)
TEN_PROGRAMS(05)
TEN_PROGRAMS(06)
TEN_PROGRAMS(07)
TEN_PROGRAMS(08)
TEN_PROGRAMS(09)
TEN_PROGRAMS(10)
TEN_PROGRAMS(11)
TEN_PROGRAMS(12)
TEN_PROGRAMS(13)
TEN_PROGRAMS(14)
TEN_PROGRAMS(15)
TEN_PROGRAMS(16)
TEN_PROGRAMS(17)
TEN_PROGRAMS(18)
TEN_PROGRAMS(19)
