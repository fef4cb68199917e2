/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the gadgets of block devices share: the request that a tracepoint gives, its disk and its
 * operation. Include vmlinux.h, bpf_helpers.h, bpf_core_read.h, compat.bpf.h and gadget.bpf.h first.
 */
#ifndef EBPF_MCP_BLOCK_BPF_H
#define EBPF_MCP_BLOCK_BPF_H

#define DISK_SIZE 32
#define OPERATION_SIZE 16
#define OPERATIONS 16
#define MINOR_BITS 20

/* include/linux/blk_types.h: the low byte of cmd_flags. */
#define OPERATION_MASK 0xff

/* Only this device, as /sys/block calls it; empty means any. */
const volatile char target_disk[DISK_SIZE] = {};

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

static __always_inline __u32 device_of(struct gendisk *disk)
{
	return disk->major << MINOR_BITS | disk->first_minor;
}

/* Fills a text of OPERATION_SIZE, which is zeroed. */
static __always_inline void name_operation(char *name, struct request *request)
{
	__u32 operation = request->cmd_flags & OPERATION_MASK;

	if (operation < OPERATIONS && operations[operation][0])
		__builtin_memcpy(name, operations[operation], OPERATION_SIZE);
	else
		__builtin_memcpy(name, "other", sizeof("other"));
}

#endif /* EBPF_MCP_BLOCK_BPF_H */
