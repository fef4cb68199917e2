/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Latencies summed up in the kernel: log2 histograms, and when something began. Include vmlinux.h,
 * bpf_helpers.h, bpf_core_read.h, compat.bpf.h and gadget.bpf.h first.
 */
#ifndef EBPF_MCP_LATENCY_BPF_H
#define EBPF_MCP_LATENCY_BPF_H

/* Slot N counts values of 2^N up to 2^(N+1); 0 also those below 1, the last also those above. */
#define LATENCY_SLOTS 27

#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_SEC 1000000000ULL

/* What a row of a table has of the latencies of its key. */
#define LATENCY_FIELDS                                                                             \
	__u64 count;                                                                               \
	__u64 total_ns;                                                                            \
	__u64 slots[LATENCY_SLOTS]

/* A task that gives up its CPU is on its way out; the same bit since 4.14. */
#define TASK_DEAD 0x80

/* task->state is called __state since 2f064a59a11f ("sched: Change task_struct::state"). */
struct task_struct___state {
	volatile long state;
} __attribute__((preserve_access_index));

struct task_struct___own_state {
	unsigned int __state;
} __attribute__((preserve_access_index));

/*
 * The state of the task that sched_switch takes off its CPU: 0 when it could go on. Also right
 * where a waker is already at it, as nobody makes it 0 while it is on its CPU.
 */
static __always_inline __u32 state_of(struct task_struct *task)
{
	struct task_struct___own_state *own = (void *)task;

	if (bpf_core_field_exists(own->__state))
		return BPF_CORE_READ(own, __state);
	return BPF_CORE_READ((struct task_struct___state *)task, state);
}

/* Index of the highest bit that is set; 0 for 0. */
static __always_inline __u32 log2_u32(__u32 value)
{
	__u32 shift, log;

	log = (value > 0xffff) << 4;
	value >>= log;
	shift = (value > 0xff) << 3;
	value >>= shift;
	log |= shift;
	shift = (value > 0xf) << 2;
	value >>= shift;
	log |= shift;
	shift = (value > 0x3) << 1;
	value >>= shift;
	log |= shift;
	return log | (value >> 1);
}

static __always_inline __u32 log2_u64(__u64 value)
{
	__u32 high = value >> 32;

	return high ? log2_u32(high) + 32 : log2_u32(value);
}

/*
 * The slot of `value`, in the unit that the histogram has. One register from the bound to its use:
 * verifiers before 6.12 forget what they know of a copy that was cut to 32 bits.
 */
static __always_inline __u64 latency_slot(__u64 value)
{
	__u64 slot = log2_u64(value);

	barrier_var(slot);
	if (slot >= LATENCY_SLOTS)
		slot = LATENCY_SLOTS - 1;
	return slot;
}

/*
 * The value of `key`, which was not in this hash just now: the given one, unless another CPU is
 * faster. NULL, and counted as dropped, when the hash is full.
 */
static __always_inline void *lookup_or_make(void *map, const void *key, const void *value)
{
	bpf_map_update_elem(map, key, value, BPF_NOEXIST);
	value = bpf_map_lookup_elem(map, key);
	if (!value)
		count_dropped();
	return (void *)value;
}

/*
 * Adds one latency to LATENCY_FIELDS, whose slots are in a unit of `unit_ns`. Atomic: all CPUs
 * share the row.
 */
#define add_latency(row, ns, unit_ns)                                                              \
	({                                                                                         \
		__u64 ns_ = ns;                                                                    \
		__u64 slot_ = latency_slot(ns_ / (unit_ns));                                       \
		__sync_fetch_and_add(&(row)->count, 1);                                            \
		__sync_fetch_and_add(&(row)->total_ns, ns_);                                       \
		__sync_fetch_and_add(&(row)->slots[slot_], 1);                                     \
	})

#endif /* EBPF_MCP_LATENCY_BPF_H */
