// SPDX-License-Identifier: GPL-2.0
/*
 * irq_latency: how long the handlers of interrupts, hard and soft, keep the CPUs.
 *
 * A handler stays on its CPU, and none interrupts one of its own kind: so what has begun is in a
 * slot of the CPU, one for interrupts and one for each softirq.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "latency.bpf.h"

#define KIND_SIZE 8
#define NAME_SIZE 32
#define ROWS_MAX 512
#define SOFTIRQS 10
#define SOFTIRQ_SLOTS 16 /* a power of two, for the verifier */

char LICENSE[] SEC("license") = "GPL";

const volatile bool include_hard = true;
const volatile bool include_soft = true;

/* As in /proc/softirqs (include/linux/interrupt.h). */
static const char softirq_names[SOFTIRQ_SLOTS][NAME_SIZE] __attribute__((aligned(8))) = {
	"HI",	    "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
	"IRQ_POLL", "TASKLET", "SCHED",	 "HRTIMER", "RCU",
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SOFTIRQ_SLOTS + 1); /* the last is for interrupts */
	__type(key, __u32);
	__type(value, __u64);
} running_since SEC(".maps");

struct handler_key {
	char kind[KIND_SIZE];
	char name[NAME_SIZE];
} __attribute__((aligned(8))); /* or they would be copied byte by byte */

struct handler_row {
	LATENCY_FIELDS;
	__u64 max_ns;
};

/* Of each CPU: a handler's end is not interrupted by another of its kind, so nothing is lost. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct handler_key);
	__type(value, struct handler_row);
} handlers SEC(".maps");

static __always_inline int begin(__u32 slot)
{
	__u64 *since = bpf_map_lookup_elem(&running_since, &slot);

	if (since && is_wanted_cpu())
		*since = bpf_ktime_get_ns();
	return 0;
}

/* How long it took; 0 for one that began before us. */
static __always_inline __u64 end(__u32 slot)
{
	__u64 *since = bpf_map_lookup_elem(&running_since, &slot);
	__u64 ns;

	if (!since || !*since)
		return 0;
	ns = bpf_ktime_get_ns() - *since;
	*since = 0;
	return ns ?: 1;
}

static __always_inline int add(const struct handler_key *key, __u64 ns)
{
	struct handler_row *row = bpf_map_lookup_elem(&handlers, key);
	__u64 slot;

	if (!row) {
		struct handler_row fresh = {};

		row = lookup_or_make(&handlers, key, &fresh);
	}
	slot = latency_slot(ns);
	if (!row)
		return 0;
	row->count++;
	row->total_ns += ns;
	row->slots[slot]++;
	if (ns > row->max_ns)
		row->max_ns = ns;
	return 0;
}

SEC("raw_tp/irq_handler_entry")
int BPF_PROG(on_irq_entry, int irq, struct irqaction *action)
{
	return include_hard ? begin(SOFTIRQ_SLOTS) : 0;
}

SEC("raw_tp/irq_handler_exit")
int BPF_PROG(on_irq_exit, int irq, struct irqaction *action)
{
	struct handler_key key;
	__u64 ns = end(SOFTIRQ_SLOTS);

	if (!ns)
		return 0;
	__builtin_memset(&key, 0, sizeof(key));
	__builtin_memcpy(key.kind, "irq", sizeof("irq"));
	bpf_probe_read_kernel_str(key.name, sizeof(key.name), BPF_CORE_READ(action, name));
	return add(&key, ns);
}

SEC("raw_tp/softirq_entry")
int BPF_PROG(on_softirq_entry, unsigned int vector)
{
	return include_soft && vector < SOFTIRQS ? begin(vector) : 0;
}

SEC("raw_tp/softirq_exit")
int BPF_PROG(on_softirq_exit, unsigned int vector)
{
	struct handler_key key;
	__u64 ns;

	if (vector >= SOFTIRQS)
		return 0;
	ns = end(vector);
	if (!ns)
		return 0;
	__builtin_memcpy(key.kind, "softirq", sizeof("softirq"));
	__builtin_memcpy(key.name, softirq_names[vector & (SOFTIRQ_SLOTS - 1)], NAME_SIZE);
	return add(&key, ns);
}
