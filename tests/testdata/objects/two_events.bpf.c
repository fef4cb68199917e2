// SPDX-License-Identifier: GPL-2.0
/*
 * Two event types in one ring, named in .event_types. Each call of getppid by the target, or each
 * run of `produce`, sends `burst` records: every third is a tick, the others are shapes with
 * contents that follow from their index.
 */
#include "target.h"

#define WIDE_MASK 0xfffff

const volatile __u32 burst = 1;

enum color {
	COLOR_NONE,
	COLOR_RED,
	COLOR_GREEN = 7,
	COLOR_NEGATIVE = -5,
};

struct point {
	__s32 x;
	__s16 y;
	__u8 z;
};

struct shape_event {
	__u64 index;
	__u64 greatest; /* 2^64 - 1 */
	__s64 least; /* -2^63 */
	__u64 last_exact; /* 2^53 - 1 */
	__s64 first_inexact; /* -2^53 */
	void *pointer;
	double ratio;
	float half;
	enum color color;
	enum color unknown_color;
	__u32 flag : 1;
	__u32 level : 5;
	__s32 delta : 6;
	__u32 wide : 20;
	struct point points[2];
	union {
		__u32 word;
		__u8 bytes[4];
	} raw;
	struct {
		__u16 port;
		__u8 protocol;
	};
	union {
		__u64 number;
		char letters[8];
	};
	char name[16];
	char hostile[24];
	char words[2][8];
	__s32 matrix[2][3];
	__s8 tiny;
	__u8 octets[3];
	bool yes;
	char letter;
};

struct tick_event {
	__u64 index;
	__u32 pid;
	__u32 cpu;
	char comm[16];
};

struct shape_event *shape_event_type SEC(".event_types");
struct tick_event *tick_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} events SEC(".maps");

__u64 dropped;
__u64 next_index;

static __always_inline void fill_numbers(struct shape_event *shape, __u64 index)
{
	__u64 quarter = 0xbfd0000000000000ULL; /* -0.25 */
	__u32 half = 0x3f000000; /* 0.5 */

	shape->index = index;
	shape->greatest = ~0ULL;
	shape->least = 1ULL << 63;
	shape->last_exact = (1ULL << 53) - 1;
	shape->first_inexact = -(1LL << 53);
	shape->pointer = (void *)0xffff888012345678ULL;
	__builtin_memcpy(&shape->ratio, &quarter, sizeof(quarter));
	__builtin_memcpy(&shape->half, &half, sizeof(half));
	shape->color = index & 1 ? COLOR_GREEN : COLOR_NEGATIVE;
	shape->unknown_color = 77;
	shape->flag = index & 1;
	shape->level = 21;
	shape->delta = -17;
	shape->wide = index & WIDE_MASK;
}

static __always_inline void fill_texts(struct shape_event *shape)
{
	static const char hostile[24] = "\x1b[31m\"\n\xff\xc3\xa9\xe2\x80\xae\x7f\xc2\x9b";

	__builtin_memcpy(shape->letters, "eight ch", sizeof(shape->letters));
	__builtin_memcpy(shape->name, "shape\0garbage\0!", sizeof(shape->name));
	__builtin_memcpy(shape->hostile, hostile, sizeof(hostile));
	__builtin_memcpy(shape->words[0], "first\0\0", sizeof(shape->words[0]));
	__builtin_memcpy(shape->words[1], "second\0", sizeof(shape->words[1]));
	shape->letter = 'Z';
}

static __always_inline void fill_parts(struct shape_event *shape)
{
	shape->points[0] = (struct point){ .x = -1, .y = -2, .z = 3 };
	shape->points[1] = (struct point){ .x = 2147483647, .y = -32768, .z = 255 };
	shape->raw.word = 0x04030201;
	shape->port = 443;
	shape->protocol = 6;
	for (int row = 0; row < 2; row++)
		for (int column = 0; column < 3; column++)
			shape->matrix[row][column] = row * 10 - column;
	shape->tiny = -128;
	shape->octets[0] = 1;
	shape->octets[1] = 128;
	shape->octets[2] = 255;
	shape->yes = true;
}

static __always_inline void send_shape(__u64 index)
{
	struct shape_event *shape = bpf_ringbuf_reserve(&events, sizeof(*shape), 0);

	if (!shape) {
		__sync_fetch_and_add(&dropped, 1);
		return;
	}
	__builtin_memset(shape, 0, sizeof(*shape));
	fill_numbers(shape, index);
	fill_texts(shape);
	fill_parts(shape);
	bpf_ringbuf_submit(shape, 0);
}

static __always_inline void send_tick(__u64 index)
{
	struct tick_event tick = { .index = index };

	tick.pid = bpf_get_current_pid_tgid() >> 32;
	tick.cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(tick.comm, sizeof(tick.comm));
	if (bpf_ringbuf_output(&events, &tick, sizeof(tick), 0))
		__sync_fetch_and_add(&dropped, 1);
}

static long send_next(__u32 step, void *unused)
{
	__u64 index = __sync_fetch_and_add(&next_index, 1);

	if (index % 3)
		send_shape(index);
	else
		send_tick(index);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	if (is_target())
		bpf_loop(burst, send_next, NULL, 0);
	return 0;
}

SEC("syscall")
int produce(void *ctx)
{
	bpf_loop(burst, send_next, NULL, 0);
	return 0;
}
