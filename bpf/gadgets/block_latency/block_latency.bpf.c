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
#include "block.bpf.h"

#define REQUESTS_MAX 10240
#define ROWS_MAX 1024

#define EEXIST 17

char LICENSE[] SEC("license") = "GPL";

/* From when the request went to the I/O scheduler, if it did. */
const volatile bool include_queued = false;

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
	struct gendisk *disk = disk_of(request);
	struct block_key key;
	struct block_row *row;

	if (!is_wanted_disk(disk))
		return NULL;
	__builtin_memset(&key, 0, sizeof(key));
	key.device = device_of(disk);
	name_operation(key.operation, request);
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
