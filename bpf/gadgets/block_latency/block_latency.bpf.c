// SPDX-License-Identifier: GPL-2.0
/*
 * block_latency: how long block devices take for requests, by device and operation.
 *
 * From block_rq_issue, where a request goes to its driver (or from block_rq_insert, where it goes to
 * the scheduler), to block_rq_complete. Requests are told apart by their address, which stands for
 * one request between the two.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "latency.bpf.h"

#define REQUESTS_MAX 10240
#define ROWS_MAX 1024
#define DISK_SIZE 32
#define OPERATION_SIZE 16
#define OPERATIONS 16
#define MINOR_BITS 20

/* include/linux/blk_types.h: the low byte of cmd_flags. */
#define OPERATION_MASK 0xff

#define EEXIST 17

char LICENSE[] SEC("license") = "GPL";

/* Only this device, as /sys/block calls it; empty means any. */
const volatile char target_disk[DISK_SIZE] = {};
/* From when the request went to the I/O scheduler, if it did. */
const volatile bool include_queued = false;

/* Gone since 0d02129e76ed ("block: merge struct block_device and struct hd_struct"), in 5.11. */
struct hd_struct___compat {};

/* Gone since f3fa33acca9f ("block: remove the ->rq_disk field in struct request"), in 5.17. */
struct request___rq_disk {
	struct gendisk *rq_disk;
} __attribute__((preserve_access_index));

/* As they are numbered since 4.10, and named in answers. What is not here is "other". */
static const char operations[OPERATIONS][OPERATION_SIZE] __attribute__((aligned(8))) = {
	[0] = "read",	       [1] = "write",	     [2] = "flush",
	[3] = "discard",       [5] = "secure_erase", [7] = "zone_append",
	[9] = "write_zeroes",
};

/* When a request began, by its address. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, REQUESTS_MAX);
	__type(key, __u64);
	__type(value, __u64);
} began SEC(".maps");

struct block_key {
	char operation[OPERATION_SIZE];
	__u32 device;
} __attribute__((aligned(8))); /* or it would be copied byte by byte */

struct block_row {
	LATENCY_FIELDS;
	__u64 bytes;
	char disk[DISK_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct block_key);
	__type(value, struct block_row);
} requests SEC(".maps");

static __always_inline struct gendisk *disk_of(struct request *request)
{
	struct request___rq_disk *with_disk = (void *)request;

	if (bpf_core_field_exists(with_disk->rq_disk))
		return with_disk->rq_disk;
	return request->q->disk;
}

/*
 * The request of block_rq_insert and block_rq_issue. Their first argument was its queue until
 * a54895fa057c ("block: remove the request_queue to argument request based tracepoints"), which came
 * with the same version as the end of struct hd_struct, and was brought back to 5.10 without that.
 * So the second is looked at, as memory (a kernel without it refuses a plain load): it is the
 * request if it is of the queue that is the first.
 */
static __always_inline struct request *request_of(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 first = ctx->args[0], second = 0;

	if (!bpf_core_type_exists(struct hd_struct___compat))
		return (void *)first;
	bpf_probe_read_kernel(&second, sizeof(second), &ctx->args[1]);
	if ((__u64)BPF_CORE_READ((struct request *)second, q) == first)
		return (void *)second;
	return (void *)first;
}

static __always_inline bool is_wanted_disk(struct gendisk *disk)
{
	char name[DISK_SIZE];

	if (!target_disk[0])
		return true;
	bpf_probe_read_kernel(name, sizeof(name), disk->disk_name);
#pragma unroll
	for (int i = 0; i < DISK_SIZE; i++) {
		if (target_disk[i] != name[i])
			return false;
		if (!name[i])
			return true;
	}
	return true;
}

static __always_inline int begin(struct bpf_raw_tracepoint_args *ctx, __u64 flags)
{
	__u64 address = (__u64)request_of(ctx);
	__u64 now = bpf_ktime_get_ns();
	long error = bpf_map_update_elem(&began, &address, &now, flags);

	if (error && error != -EEXIST)
		count_dropped();
	return 0;
}

SEC("raw_tp/block_rq_insert")
int on_insert(struct bpf_raw_tracepoint_args *ctx)
{
	return include_queued ? begin(ctx, BPF_ANY) : 0;
}

SEC("raw_tp/block_rq_issue")
int on_issue(struct bpf_raw_tracepoint_args *ctx)
{
	return begin(ctx, include_queued ? BPF_NOEXIST : BPF_ANY);
}

static __always_inline struct block_row *row_of(struct request *request)
{
	__u32 operation = request->cmd_flags & OPERATION_MASK;
	struct gendisk *disk = disk_of(request);
	struct block_key key;
	struct block_row *row;

	if (!is_wanted_disk(disk))
		return NULL;
	__builtin_memset(&key, 0, sizeof(key));
	key.device = disk->major << MINOR_BITS | disk->first_minor;
	if (operation < OPERATIONS && operations[operation][0])
		__builtin_memcpy(key.operation, operations[operation], OPERATION_SIZE);
	else
		__builtin_memcpy(key.operation, "other", sizeof("other"));
	row = bpf_map_lookup_elem(&requests, &key);
	if (!row) {
		struct block_row fresh = {};

		bpf_probe_read_kernel(fresh.disk, sizeof(fresh.disk), disk->disk_name);
		row = lookup_or_make(&requests, &key, &fresh);
	}
	return row;
}

/* BTF-typed, to read the request's fields without a call for each. */
SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_complete, struct request *request, int error, unsigned int bytes)
{
	__u64 *since, address = (__u64)request;
	struct block_row *row;
	__u64 ns;

	since = bpf_map_lookup_elem(&began, &address);
	if (!since)
		return 0;
	ns = bpf_ktime_get_ns() - *since;
	row = row_of(request);
	if (row)
		__sync_fetch_and_add(&row->bytes, bytes);
	if (bytes < request->__data_len)
		return 0; /* a part of it: more is to come */
	bpf_map_delete_elem(&began, &address);
	if (row)
		add_latency(row, ns, NSEC_PER_USEC);
	return 0;
}
