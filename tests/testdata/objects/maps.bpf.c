// SPDX-License-Identifier: GPL-2.0
/*
 * One map of each kind that a dump must show. A getppid by the target, or a run of `fill`, puts in
 * `fill_count` elements whose contents follow from their number; a second one changes nothing but
 * the queue and the stack, which are full at QUEUE_SIZE.
 */
#include "target.h"

#define ARRAY_SIZE 8
#define HASH_SIZE 1024
#define LARGE_SIZE (1024 * 1024)
#define QUEUE_SIZE 16
#define NAME_SIZE 16
#define CPU_FACTOR 1000000

const volatile __u32 fill_count = 8;

enum state {
	STATE_NEW,
	STATE_OPEN = 4,
	STATE_CLOSED = -1,
};

struct point {
	__s32 x;
	__s32 y;
};

struct flow_key {
	__u32 source;
	__u32 destination;
	__u16 port;
	__u8 protocol;
	__u8 zero;
};

struct flow {
	__u64 packets;
	__u64 bytes;
	enum state state;
	__u32 urgent : 1;
	__u32 window : 15;
	__s32 drift : 16;
	struct point path[2];
	union {
		__u32 word;
		__u8 octets[4];
	} address;
	char name[NAME_SIZE];
};

struct row {
	__u64 count;
	__u64 last;
	__u32 low;
	__s32 negative;
	char name[NAME_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HASH_SIZE);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ARRAY_SIZE);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, HASH_SIZE);
	__type(key, __u32);
	__type(value, __u64);
} cpu_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ARRAY_SIZE);
	__type(key, __u32);
	__type(value, struct point); /* 8 bytes */
} cpu_points SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, HASH_SIZE);
	__type(key, __u32);
	__type(value, __u32);
} recent SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HASH_SIZE);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

/* Keys and values beyond 2^53. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HASH_SIZE);
	__type(key, __u64);
	__type(value, __s64);
} wide SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HASH_SIZE);
	__type(key, char[NAME_SIZE]);
	__type(value, __u32);
} by_name SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LARGE_SIZE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct row);
} large SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, QUEUE_SIZE);
	__type(value, __u64);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, QUEUE_SIZE);
	__type(value, __u64);
} stack SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} first_inner SEC(".maps"), second_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} inner_by_index SEC(".maps") = {
	.values = { [0] = &first_inner, [2] = &second_inner },
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} inner_by_key SEC(".maps") = {
	.values = { [1] = &first_inner },
};

static __always_inline struct row make_row(__u32 number)
{
	struct row row = { .count = number, .last = (__u64)number << 40 };

	row.low = number & 0xff;
	row.negative = -number;
	__builtin_memcpy(row.name, "row", sizeof("row"));
	return row;
}

static __always_inline void fill_flow(__u32 number)
{
	struct flow_key key = { .source = number, .destination = ~number, .port = 443, .protocol = 6 };
	struct flow flow = { .packets = number, .bytes = ~0ULL - number };

	flow.state = number & 1 ? STATE_CLOSED : STATE_OPEN;
	flow.urgent = number & 1;
	flow.window = 0x7fff;
	flow.drift = -3;
	flow.path[0] = (struct point){ .x = number, .y = -1 };
	flow.path[1] = (struct point){ .x = -2, .y = 2 };
	flow.address.word = 0x0100007f;
	__builtin_memcpy(flow.name, "flow", sizeof("flow"));
	bpf_map_update_elem(&flows, &key, &flow, BPF_ANY);
}

static __always_inline void fill_arrays(__u32 number)
{
	struct point point = { .x = number, .y = bpf_get_smp_processor_id() };
	struct row row = make_row(number);

	if (number >= ARRAY_SIZE)
		return;
	bpf_map_update_elem(&rows, &number, &row, BPF_ANY);
	bpf_map_update_elem(&cpu_points, &number, &point, BPF_ANY);
}

static __always_inline void fill_hashes(__u32 number)
{
	__u64 square = (__u64)number * number;
	__u64 here = number + (__u64)CPU_FACTOR * bpf_get_smp_processor_id();
	__u64 wide_key = ~0ULL - number;
	__s64 wide_value = (__s64)(1ULL << 63) + number;
	char name[NAME_SIZE] = "name-";

	if (number >= HASH_SIZE)
		return;
	name[5] = 'a' + number % 26;
	name[6] = 'a' + number / 26 % 26;
	name[7] = 'a' + number / 676 % 26;
	bpf_map_update_elem(&counts, &number, &square, BPF_ANY);
	bpf_map_update_elem(&cpu_counts, &number, &here, BPF_ANY);
	bpf_map_update_elem(&recent, &number, &number, BPF_ANY);
	bpf_map_update_elem(&wide, &wide_key, &wide_value, BPF_ANY);
	bpf_map_update_elem(&by_name, name, &number, BPF_ANY);
	fill_flow(number);
}

static long fill_next(__u32 number, void *unused)
{
	struct row row = make_row(number);
	__u64 value = number;

	bpf_map_update_elem(&large, &number, &row, BPF_ANY);
	bpf_map_push_elem(&queue, &value, 0);
	bpf_map_push_elem(&stack, &value, 0);
	fill_hashes(number);
	fill_arrays(number);
	return 0;
}

static __always_inline void fill_inner(void)
{
	__u32 key = 0;
	__u64 first = 11, second = 22;

	bpf_map_update_elem(&first_inner, &key, &first, BPF_ANY);
	bpf_map_update_elem(&second_inner, &key, &second, BPF_ANY);
}

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	if (!is_target())
		return 0;
	fill_inner();
	bpf_loop(fill_count, fill_next, NULL, 0);
	return 0;
}

SEC("syscall")
int fill(void *ctx)
{
	fill_inner();
	bpf_loop(fill_count, fill_next, NULL, 0);
	return 0;
}

/* Names the maps of maps, which nothing else refers to. */
SEC("syscall")
int look_inside(void *ctx)
{
	__u32 index = 0, key = 1;

	return bpf_map_lookup_elem(&inner_by_index, &index) ||
	       bpf_map_lookup_elem(&inner_by_key, &key);
}
