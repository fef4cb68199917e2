// SPDX-License-Identifier: GPL-2.0
/*
 * Globals of many types in .rodata, .data and .bss. Each getppid of the target, or each run of
 * `report`, sends what the program itself sees of them.
 */
#include "target.h"

#define TEXT_SIZE 16

enum mode {
	MODE_OFF,
	MODE_ON = 1,
	MODE_AUTO = 10,
};

enum direction {
	DIRECTION_BACK = -1,
	DIRECTION_NONE,
	DIRECTION_FORTH,
};

struct range {
	__u32 first;
	__u32 last;
	struct {
		__s16 step;
		bool inclusive;
	} stride;
};

const volatile bool ro_bool = true;
const volatile char ro_char = 'a';
const volatile __s8 ro_s8 = -8;
const volatile __u8 ro_u8 = 8;
const volatile __s16 ro_s16 = -16;
const volatile __u16 ro_u16 = 16;
const volatile __s32 ro_s32 = -32;
const volatile __u32 ro_u32 = 32;
const volatile __s64 ro_s64 = -64;
const volatile __u64 ro_u64 = 64;
const volatile enum mode ro_mode = MODE_AUTO;
const volatile enum direction ro_direction = DIRECTION_BACK;
const volatile char ro_text[TEXT_SIZE] = "read only";
const volatile __u32 ro_numbers[4] = { 1, 2, 3, 4 };
const volatile struct range ro_range = { 10, 20, { -2, true } };

volatile __s32 rw_s32 = -1;
volatile __u64 rw_u64 = 0x1122334455667788ULL;
volatile char rw_text[TEXT_SIZE] = "read write";
volatile struct range rw_range = { 1, 9, { 3, false } };
static volatile __u32 rw_hidden = 7;

__u64 runs;
__s64 last_sum;
struct range zeroed_range;
char last_text[TEXT_SIZE];

struct globals_event {
	__s64 sum; /* of every number in .rodata */
	__s64 rw_sum; /* of every number in .data */
	enum mode mode;
	enum direction direction;
	bool is_set;
	char letter;
	char text[TEXT_SIZE];
	char rw_text[TEXT_SIZE];
	struct range range;
};

struct globals_event *globals_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

__u64 dropped;

static __always_inline __s64 sum_read_only(void)
{
	__s64 sum = ro_s8 + ro_u8 + ro_s16 + ro_u16 + ro_s32;

	sum += ro_u32;
	sum += ro_s64;
	sum += ro_u64;
	for (int i = 0; i < 4; i++)
		sum += ro_numbers[i];
	return sum;
}

static __always_inline int send_report(void)
{
	struct globals_event event = {};

	event.sum = sum_read_only();
	event.rw_sum = rw_s32 + rw_u64 + rw_hidden;
	event.mode = ro_mode;
	event.direction = ro_direction;
	event.is_set = ro_bool;
	event.letter = ro_char;
	event.range.first = ro_range.first;
	event.range.last = ro_range.last;
	event.range.stride.step = ro_range.stride.step;
	event.range.stride.inclusive = ro_range.stride.inclusive;
	for (int i = 0; i < TEXT_SIZE; i++) {
		event.text[i] = ro_text[i];
		event.rw_text[i] = rw_text[i];
		last_text[i] = ro_text[i];
	}
	zeroed_range.last = rw_range.last;
	last_sum = event.sum;
	__sync_fetch_and_add(&runs, 1);
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		__sync_fetch_and_add(&dropped, 1);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	return is_target() ? send_report() : 0;
}

SEC("syscall")
int report(void *ctx)
{
	return send_report();
}
