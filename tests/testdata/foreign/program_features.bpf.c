// SPDX-License-Identifier: GPL-2.0
/* What programs of today do: callbacks, timers, locks, dynptrs, kptrs, global functions. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

#define TEST_CLOCK 1
#define __kptr_untrusted __attribute__((btf_type_tag("kptr")))

struct slot {
	struct bpf_spin_lock lock;
	struct bpf_timer timer;
	__u64 count;
	struct task_struct __kptr_untrusted *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} commands SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, __u32);
} seen SEC(".maps");

static volatile const struct {
	__u32 low;
	enum pid_type kind;
	char label[8];
} settings = { .low = 3, .kind = PIDTYPE_PGID, .label = "label" };

__u64 totals[4] = { 1, 2, 3, 4 };
static __u64 hidden SEC(".data.hidden") = 7;
const char message[] SEC(".rodata.text") = "hello";

__noinline int add(int a, int b)
{
	return a + b + settings.low;
}

static int on_timer(void *map, __u32 *key, struct slot *slot)
{
	slot->count++;
	return 0;
}

static long on_index(__u32 index, void *context)
{
	totals[index & 3]++;
	return 0;
}

static long on_element(struct bpf_map *map, __u32 *key, struct slot *slot, void *context)
{
	return 0;
}

static long on_command(struct bpf_dynptr *dynptr, void *context)
{
	hidden++;
	return 0;
}

SEC("tc")
int with_lock(struct __sk_buff *ctx)
{
	__u32 key = 0, hash = ctx->hash, length = ctx->len;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	bpf_spin_lock(&slot->lock);
	slot->count++;
	bpf_spin_unlock(&slot->lock);
	bpf_map_push_elem(&seen, &hash, BPF_ANY);
	return add(length, message[length & 3]);
}

SEC("tc")
int with_timer(struct __sk_buff *ctx)
{
	__u32 key = 1;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	bpf_timer_init(&slot->timer, &slots, TEST_CLOCK);
	bpf_timer_set_callback(&slot->timer, on_timer);
	return bpf_timer_start(&slot->timer, 1000, 0);
}

SEC("tc")
int with_callbacks(struct __sk_buff *ctx)
{
	struct bpf_dynptr record;

	bpf_loop(4, on_index, NULL, 0);
	bpf_for_each_map_elem(&slots, on_element, NULL, 0);
	bpf_user_ringbuf_drain(&commands, on_command, NULL, 0);
	bpf_ringbuf_reserve_dynptr(&events, 64, 0, &record);
	bpf_ringbuf_discard_dynptr(&record, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
