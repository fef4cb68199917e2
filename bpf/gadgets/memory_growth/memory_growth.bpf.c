// SPDX-License-Identifier: GPL-2.0
/*
 * memory_growth: which code allocates memory that is not given back.
 *
 * Blocks are kept by their address from the return of the function that gave them until free() or
 * realloc() takes them; each is counted in the row of the stack that it was asked for by. The stack
 * is taken at the return: there the caller's frame is whole, whereas at the entry of a function the
 * kernel (before 6.11) leaves the caller out.
 *
 * An allocator calls itself: realloc(NULL, n) is malloc(n), and musl's calloc calls malloc. Only the
 * outermost call of a thread counts. A realloc() takes the old block out when it begins, as from
 * then on another thread may get the same address.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "latency.bpf.h"
#include "stacks.bpf.h"

#define ROWS_MAX 10240
#define BLOCKS_MAX 262144
#define THREADS_MAX 10240
#define PATH_SIZE 256

char LICENSE[] SEC("license") = "GPL";

/* Smaller blocks are not followed. */
const volatile __u64 min_bytes = 0;
/* For the runner alone: where malloc() is. */
const volatile char probed_path[PATH_SIZE] = {};

struct heap_key {
	__u32 pid;
	__s32 user_stack;
};

struct heap_row {
	__u64 live_bytes;
	__u64 live_count;
	__u64 allocated_bytes;
	__u64 allocated_count;
	__u64 freed_bytes;
	__u64 freed_count;
	char comm[COMM_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct heap_key);
	__type(value, struct heap_row);
} heap SEC(".maps");

struct block_key {
	__u64 address;
	__u32 pid;
	__u32 zero;
};

struct block {
	__u64 bytes;
	__s32 user_stack;
	__u32 zero;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BLOCKS_MAX);
	__type(key, struct block_key);
	__type(value, struct block);
} blocks SEC(".maps");

enum call_kind {
	CALL_MALLOC = 1,
	CALL_CALLOC,
	CALL_REALLOC,
	CALL_ALIGNED,
	CALL_POSIX_MEMALIGN,
};

/* A call that a thread is in. */
struct call {
	__u64 stack_pointer;
	__u64 bytes;
	__u64 place; /* where posix_memalign() leaves the address */
	__u64 old_address; /* of realloc(), 0 when it was not known */
	struct block old;
	__u32 kind;
	__u32 is_wanted; /* what it gives is to be counted */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS_MAX);
	__type(key, __u32);
	__type(value, struct call);
} calls SEC(".maps");

/* 1 while all programs are attached: the runner says so. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} gate SEC(".maps");

static __always_inline bool is_open(void)
{
	__u32 key = 0;
	__u32 *open = bpf_map_lookup_elem(&gate, &key);

	return open && *open;
}

static __always_inline struct block_key key_of(__u64 address)
{
	return (struct block_key){ .address = address, .pid = bpf_get_current_pid_tgid() >> 32 };
}

/* Takes a block out. False if it is not known, or if somebody else was faster. */
static __always_inline bool take_block(__u64 address, struct block *block)
{
	struct block_key key = key_of(address);
	struct block *known = bpf_map_lookup_elem(&blocks, &key);

	if (!known)
		return false;
	*block = *known;
	return !bpf_map_delete_elem(&blocks, &key);
}

static __always_inline void count_freed(const struct block *block)
{
	struct heap_key key = {
		.pid = bpf_get_current_pid_tgid() >> 32,
		.user_stack = block->user_stack,
	};
	struct heap_row *row = bpf_map_lookup_elem(&heap, &key);

	if (!row)
		return;
	__sync_fetch_and_add(&row->live_bytes, -block->bytes);
	__sync_fetch_and_add(&row->live_count, -1);
	__sync_fetch_and_add(&row->freed_bytes, block->bytes);
	__sync_fetch_and_add(&row->freed_count, 1);
}

static __always_inline void count_allocated(void *ctx, __u64 address, __u64 bytes)
{
	struct block_key block_key = key_of(address);
	struct block block = { .bytes = bytes };
	struct heap_row *row, fresh;
	struct heap_key key = { .pid = block_key.pid };
	struct block old;

	/* A block whose end was not seen, such as one that was freed in another way. */
	if (take_block(address, &old))
		count_freed(&old);
	key.user_stack = user_stack_id(ctx);
	row = bpf_map_lookup_elem(&heap, &key);
	if (!row) {
		__builtin_memset(&fresh, 0, sizeof(fresh));
		bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
		row = lookup_or_make(&heap, &key, &fresh);
	}
	if (!row)
		return;
	block.user_stack = key.user_stack;
	if (bpf_map_update_elem(&blocks, &block_key, &block, BPF_ANY)) {
		count_dropped();
		return;
	}
	__sync_fetch_and_add(&row->live_bytes, bytes);
	__sync_fetch_and_add(&row->live_count, 1);
	__sync_fetch_and_add(&row->allocated_bytes, bytes);
	__sync_fetch_and_add(&row->allocated_count, 1);
}

/*
 * True inside of another call: the stack has grown since. One that returned unseen stays, until the
 * thread is further out, or calls the same function again.
 */
static __always_inline bool is_inside(struct pt_regs *ctx, enum call_kind kind)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&calls, &tid);

	return call && call->kind != kind && PT_REGS_SP(ctx) <= call->stack_pointer;
}

static __always_inline int begin_call(struct pt_regs *ctx, struct call *call)
{
	__u32 tid = bpf_get_current_pid_tgid();

	call->stack_pointer = PT_REGS_SP(ctx);
	if (bpf_map_update_elem(&calls, &tid, call, BPF_ANY))
		count_dropped();
	return 0;
}

static __always_inline int begin(struct pt_regs *ctx, enum call_kind kind, __u64 bytes, __u64 place)
{
	struct call call = { .kind = kind, .bytes = bytes, .place = place, .is_wanted = true };

	if (bytes < min_bytes || !is_open() || !is_wanted_current() || is_inside(ctx, kind))
		return 0;
	return begin_call(ctx, &call);
}

/* Takes the call that this return ends. False if it is another's. */
static __always_inline bool end_call(enum call_kind kind, struct call *call)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct call *known = bpf_map_lookup_elem(&calls, &tid);

	if (!known || known->kind != kind)
		return false;
	*call = *known;
	bpf_map_delete_elem(&calls, &tid);
	return is_open();
}

static __always_inline int end(struct pt_regs *ctx, enum call_kind kind)
{
	struct call call;

	if (end_call(kind, &call) && PT_REGS_RC(ctx))
		count_allocated(ctx, PT_REGS_RC(ctx), call.bytes);
	return 0;
}

SEC("uprobe")
int on_malloc(struct pt_regs *ctx)
{
	return begin(ctx, CALL_MALLOC, PT_REGS_PARM1(ctx), 0);
}

SEC("uretprobe")
int on_malloc_return(struct pt_regs *ctx)
{
	return end(ctx, CALL_MALLOC);
}

/* A product that is too large is refused by the function itself. */
SEC("uprobe")
int on_calloc(struct pt_regs *ctx)
{
	return begin(ctx, CALL_CALLOC, PT_REGS_PARM1(ctx) * PT_REGS_PARM2(ctx), 0);
}

SEC("uretprobe")
int on_calloc_return(struct pt_regs *ctx)
{
	return end(ctx, CALL_CALLOC);
}

/* memalign() and aligned_alloc(): alignment, size */
SEC("uprobe")
int on_aligned(struct pt_regs *ctx)
{
	return begin(ctx, CALL_ALIGNED, PT_REGS_PARM2(ctx), 0);
}

SEC("uretprobe")
int on_aligned_return(struct pt_regs *ctx)
{
	return end(ctx, CALL_ALIGNED);
}

SEC("uprobe")
int on_posix_memalign(struct pt_regs *ctx)
{
	return begin(ctx, CALL_POSIX_MEMALIGN, PT_REGS_PARM3(ctx), PT_REGS_PARM1(ctx));
}

SEC("uretprobe")
int on_posix_memalign_return(struct pt_regs *ctx)
{
	struct call call;
	__u64 address = 0;

	if (!end_call(CALL_POSIX_MEMALIGN, &call) || (__u32)PT_REGS_RC(ctx))
		return 0;
	if (!bpf_probe_read_user(&address, sizeof(address), (void *)call.place) && address)
		count_allocated(ctx, address, call.bytes);
	return 0;
}

SEC("uprobe")
int on_realloc(struct pt_regs *ctx)
{
	__u64 address = PT_REGS_PARM1(ctx);
	struct call call = { .kind = CALL_REALLOC, .bytes = PT_REGS_PARM2(ctx) };

	if (!is_open() || is_inside(ctx, CALL_REALLOC))
		return 0;
	if (address && take_block(address, &call.old))
		call.old_address = address;
	call.is_wanted = call.bytes >= min_bytes && is_wanted_current();
	if (!call.old_address && !call.is_wanted)
		return 0;
	return begin_call(ctx, &call);
}

SEC("uretprobe")
int on_realloc_return(struct pt_regs *ctx)
{
	__u64 address = PT_REGS_RC(ctx);
	struct call call;

	if (!end_call(CALL_REALLOC, &call))
		return 0;
	if (call.old_address && !address && call.bytes) { /* it failed: the block is where it was */
		struct block_key key = key_of(call.old_address);

		if (bpf_map_update_elem(&blocks, &key, &call.old, BPF_ANY))
			count_dropped();
		return 0;
	}
	if (call.old_address)
		count_freed(&call.old);
	if (address && call.is_wanted)
		count_allocated(ctx, address, call.bytes);
	return 0;
}

SEC("uprobe")
int on_free(struct pt_regs *ctx)
{
	struct block block;

	if (is_open() && take_block(PT_REGS_PARM1(ctx), &block))
		count_freed(&block);
	return 0;
}
