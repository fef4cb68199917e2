// SPDX-License-Identifier: GPL-2.0
/*
 * block_top: which processes have which block devices at work.
 *
 * A request is sent to its driver by whoever runs the queue just then. Who asked is the task that
 * runs when a request is made for a bio (block_getrq): that is kept by the bio, and found through
 * the request when it goes to its driver (block_rq_issue). It counts when it is complete
 * (block_rq_complete).
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
#define DISKS_MAX 1024
#define ROWS_MAX 4096

/* How many bios a request may have got at its front before it goes to its driver. */
#define FRONT_MERGES_MAX 8

char LICENSE[] SEC("license") = "GPL";

struct asker {
	__u64 cgroup_id;
	__u32 pid;
	__u32 uid;
	char comm[COMM_SIZE];
};

/* By the address of a bio, from when its request is made to when that goes to its driver. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, REQUESTS_MAX);
	__type(key, __u64);
	__type(value, struct asker);
} askers SEC(".maps");

/* Who was the last to ask a disk for a flush: the kernel makes one for all who wait for it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, DISKS_MAX);
	__type(key, __u64);
	__type(value, struct asker);
} flushers SEC(".maps");

struct request_start {
	__u64 since_ns;
	struct asker asker;
};

/* By the address of a request, while its driver has it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, REQUESTS_MAX);
	__type(key, __u64);
	__type(value, struct request_start);
} began SEC(".maps");

struct block_key {
	char operation[OPERATION_SIZE];
	__u32 device;
	__u32 pid;
} __attribute__((aligned(8))); /* or it would be copied byte by byte */

struct block_row {
	__u64 bytes;
	__u64 requests;
	__u64 total_ns;
	__u64 cgroup_id;
	__u32 uid;
	char comm[COMM_SIZE];
	char disk[DISK_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct block_key);
	__type(value, struct block_row);
} disks SEC(".maps");

/* Until 309dca309fc3 ("block: store a block_device pointer in struct bio"), in 5.12. */
struct bio___bi_disk {
	struct gendisk *bi_disk;
} __attribute__((preserve_access_index));

static __always_inline struct gendisk *disk_of_bio(struct bio *bio)
{
	struct bio___bi_disk *with_disk = (void *)bio;

	if (bpf_core_field_exists(with_disk->bi_disk))
		return BPF_CORE_READ(with_disk, bi_disk);
	return BPF_CORE_READ(bio, bi_bdev, bd_disk);
}

/*
 * The bio of block_getrq, which was its second argument, behind its queue, until e8a676d61c07
 * ("block: simplify and extend the block_bio_merge tracepoint class"). As in request_of.
 */
static __always_inline struct bio *bio_of(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 first = ctx->args[0], second = 0;
	struct gendisk *disk;

	if (!bpf_core_type_exists(struct hd_struct___compat))
		return (void *)first;
	bpf_probe_read_kernel(&second, sizeof(second), &ctx->args[1]);
	disk = disk_of_bio((struct bio *)second);
	if ((__u64)BPF_CORE_READ(disk, queue) == first)
		return (void *)second;
	return (void *)first;
}

/* As disk_of, of a request whose type the verifier does not know. */
static __always_inline struct gendisk *disk_of_raw(struct request *request)
{
	struct request___rq_disk *with_disk = (void *)request;

	if (bpf_core_field_exists(with_disk->rq_disk))
		return BPF_CORE_READ(with_disk, rq_disk);
	return BPF_CORE_READ(request, q, disk);
}

static __always_inline bool wants_flush(struct bio *bio)
{
	__u32 flags = 1U << bpf_core_enum_value(enum req_flag_bits, __REQ_PREFLUSH) |
		      1U << bpf_core_enum_value(enum req_flag_bits, __REQ_FUA);

	return BPF_CORE_READ(bio, bi_opf) & flags;
}

/* NULL forgets: the address may have been somebody else's before. */
static __always_inline void keep_asker(void *map, const void *of, const struct asker *asker)
{
	__u64 key = (__u64)of;

	if (asker)
		bpf_map_update_elem(map, &key, asker, BPF_ANY);
	else
		bpf_map_delete_elem(map, &key);
}

SEC("raw_tp/block_getrq")
int on_make(struct bpf_raw_tracepoint_args *ctx)
{
	struct bio *bio = bio_of(ctx);
	struct asker current = {};
	struct asker *asker = NULL;

	if (is_wanted_current()) {
		current.cgroup_id = cgroup_id_of((struct task_struct *)bpf_get_current_task());
		current.pid = bpf_get_current_pid_tgid() >> 32;
		current.uid = (__u32)bpf_get_current_uid_gid();
		bpf_get_current_comm(current.comm, sizeof(current.comm));
		asker = &current;
	}
	if (BPF_CORE_READ(bio, bi_iter.bi_size))
		keep_asker(&askers, bio, asker);
	if (wants_flush(bio))
		keep_asker(&flushers, disk_of_bio(bio), asker);
	return 0;
}

/* Also looks behind bios that were merged in front of the one that the request was made for. */
static __always_inline struct asker *take_asker(struct bio *bio, struct asker *asker)
{
	struct asker *kept = NULL;
	__u64 key = (__u64)bio;

#pragma unroll
	for (int i = 0; i < FRONT_MERGES_MAX && key && !kept; i++) {
		kept = bpf_map_lookup_elem(&askers, &key);
		if (!kept)
			key = (__u64)BPF_CORE_READ((struct bio *)key, bi_next);
	}
	if (!kept)
		return NULL;
	*asker = *kept;
	bpf_map_delete_elem(&askers, &key);
	return asker;
}

/* One that is sent again has lost its asker by then: what is kept of it stays. */
SEC("raw_tp/block_rq_issue")
int on_issue(struct bpf_raw_tracepoint_args *ctx)
{
	struct request *request = request_of(ctx);
	struct bio *bio = BPF_CORE_READ(request, bio);
	__u64 key = (__u64)request;
	struct request_start start = {};
	struct asker *flusher;

	if (!bio) {
		__u64 disk = (__u64)disk_of_raw(request);

		flusher = bpf_map_lookup_elem(&flushers, &disk);
		if (!flusher)
			return 0;
		start.asker = *flusher;
	} else if (!take_asker(bio, &start.asker)) {
		return 0;
	}
	start.since_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&began, &key, &start, BPF_ANY))
		count_dropped();
	return 0;
}

static __always_inline struct block_row *row_of(struct request *request, const struct asker *asker)
{
	struct gendisk *disk = disk_of(request);
	struct block_key key;
	struct block_row *row;

	if (!is_wanted_disk(disk))
		return NULL;
	__builtin_memset(&key, 0, sizeof(key));
	key.device = device_of(disk);
	key.pid = asker->pid;
	name_operation(key.operation, request);
	row = bpf_map_lookup_elem(&disks, &key);
	if (!row) {
		struct block_row fresh = {};

		fresh.cgroup_id = asker->cgroup_id;
		fresh.uid = asker->uid;
		__builtin_memcpy(fresh.comm, asker->comm, sizeof(fresh.comm));
		bpf_probe_read_kernel(fresh.disk, sizeof(fresh.disk), disk->disk_name);
		row = lookup_or_make(&disks, &key, &fresh);
	}
	return row;
}

/* BTF-typed, to read the request's fields without a call for each. */
SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_complete, struct request *request, int error, unsigned int bytes)
{
	__u64 address = (__u64)request;
	struct request_start *start = bpf_map_lookup_elem(&began, &address);
	struct block_row *row;

	if (!start)
		return 0;
	row = row_of(request, &start->asker);
	if (row)
		__sync_fetch_and_add(&row->bytes, bytes);
	if (bytes < request->__data_len)
		return 0; /* a part of it: more is to come */
	if (row) {
		__sync_fetch_and_add(&row->requests, 1);
		__sync_fetch_and_add(&row->total_ns, bpf_ktime_get_ns() - start->since_ns);
	}
	bpf_map_delete_elem(&began, &address);
	return 0;
}
