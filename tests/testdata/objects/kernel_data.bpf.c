// SPDX-License-Identifier: GPL-2.0
/*
 * What every supported kernel can hold and send: maps of each kind that lists its elements, a ring
 * and a perf event array. Each getppid of the target puts one element into each map and one event
 * into the ring or the perf array. No atomic operation with a result, which Linux 5.10 lacks: the
 * target has one thread.
 */
#include "target.h"

#define SIZE 64

/* Where events go: a perf array that nobody reads loses them. */
const volatile bool by_perf = false;

struct sample_event {
	__u64 index;
	__u64 square;
	__u32 cpu;
	__u32 pid;
};

struct sample_event *sample_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

#define MAP_OF(name, map_type)				\
	struct {					\
		__uint(type, map_type);			\
		__uint(max_entries, SIZE);		\
		__type(key, __u32);			\
		__type(value, __u64);			\
	} name SEC(".maps")

MAP_OF(in_hash, BPF_MAP_TYPE_HASH);
MAP_OF(in_array, BPF_MAP_TYPE_ARRAY);
MAP_OF(in_cpu_hash, BPF_MAP_TYPE_PERCPU_HASH);
MAP_OF(in_cpu_array, BPF_MAP_TYPE_PERCPU_ARRAY);
MAP_OF(in_lru, BPF_MAP_TYPE_LRU_HASH);
MAP_OF(in_cpu_lru, BPF_MAP_TYPE_LRU_PERCPU_HASH);

struct prefix {
	__u32 bits;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SIZE);
	__type(key, struct prefix);
	__type(value, __u64);
} in_trie SEC(".maps");

__u64 sent;
__u64 dropped;

static __always_inline void fill(__u32 index)
{
	struct prefix prefix = { .bits = 32, .address = { 10, 0, 0, index } };
	__u64 value = index * 3;

	bpf_map_update_elem(&in_hash, &index, &value, BPF_ANY);
	bpf_map_update_elem(&in_array, &index, &value, BPF_ANY);
	bpf_map_update_elem(&in_cpu_hash, &index, &value, BPF_ANY);
	bpf_map_update_elem(&in_cpu_array, &index, &value, BPF_ANY);
	bpf_map_update_elem(&in_lru, &index, &value, BPF_ANY);
	bpf_map_update_elem(&in_cpu_lru, &index, &value, BPF_ANY);
	bpf_map_update_elem(&in_trie, &prefix, &value, BPF_ANY);
}

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	struct sample_event event = {};

	if (!is_target())
		return 0;
	event.index = sent++;
	event.square = event.index * event.index;
	event.cpu = bpf_get_smp_processor_id();
	event.pid = bpf_get_current_pid_tgid() >> 32;
	if (by_perf ? bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &event, sizeof(event)) :
		      bpf_ringbuf_output(&ring, &event, sizeof(event), 0))
		dropped++;
	fill(event.index % SIZE);
	return 0;
}
