// SPDX-License-Identifier: GPL-2.0
/*
 * file_top: which files are read and written most, and by whom.
 *
 * Counted at the end of the calls that read and write, by process and file. A file is told by its
 * device, inode number and generation; its path is looked for once, when its row is made.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "descriptors.bpf.h"
#include "file_calls.bpf.h"
#include "latency.bpf.h"

#define ROWS_MAX 10240
#define PATH_SIZE 512
#include "path.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct file_key {
	__u32 pid;
	__u32 device;
	__u64 inode;
	__u32 generation; /* numbers are used again */
} __attribute__((aligned(8)));

struct file_row {
	__u64 bytes;
	__u64 read_bytes;
	__u64 written_bytes;
	__u64 reads;
	__u64 writes;
	__u64 total_ns;
	__u64 cgroup_id;
	__u32 uid;
	char comm[COMM_SIZE];
	bool path_cut;
	char path[PATH_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct file_key);
	__type(value, struct file_row);
} files SEC(".maps");

/* One program uses it, which does not interrupt itself on its CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct file_row);
} scratch SEC(".maps");

static __always_inline bool is_transfer(enum operation operation)
{
	return operation == CALL_READ || operation == CALL_WRITE;
}

SEC("raw_tp/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long number)
{
	enum operation operation = operation_of(number);

	if (is_transfer(operation) && is_wanted_current() && !is_foreign_abi())
		begin_file_call(regs, operation);
	return 0;
}

static __always_inline struct file_row *make_row(const struct file_key *key, struct file *file)
{
	struct path_walk *walk = walk_to(file);
	__u32 zero = 0;
	struct file_row *fresh = bpf_map_lookup_elem(&scratch, &zero);

	if (!walk || !fresh)
		return NULL;
	__builtin_memset(fresh, 0, sizeof(*fresh));
	fresh->cgroup_id = cgroup_id_of((struct task_struct *)bpf_get_current_task());
	fresh->uid = (__u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(fresh->comm, sizeof(fresh->comm));
	fresh->path_cut = walk->cut;
	copy_path(fresh->path, walk);
	return lookup_or_make(&files, key, fresh);
}

static __always_inline struct file_row *row_of(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct file_key key;
	struct file_row *row;

	__builtin_memset(&key, 0, sizeof(key)); /* the padding, too */
	key.pid = bpf_get_current_pid_tgid() >> 32;
	key.device = BPF_CORE_READ(inode, i_sb, s_dev);
	key.inode = BPF_CORE_READ(inode, i_ino);
	key.generation = BPF_CORE_READ(inode, i_generation);
	row = bpf_map_lookup_elem(&files, &key);
	return row ? row : make_row(&key, file);
}

SEC("raw_tp/sys_exit")
int BPF_PROG(on_exit, struct pt_regs *regs, long ret)
{
	enum operation operation = operation_of(number_of(regs));
	struct file_call call;
	struct file_row *row;
	struct file *file;

	if (!is_transfer(operation) || !end_file_call(&call) || ret < 0)
		return 0;
	file = file_of(call.descriptor);
	if (!file || !is_regular(file))
		return 0;
	row = row_of(file);
	if (!row)
		return 0;
	__sync_fetch_and_add(&row->bytes, ret);
	__sync_fetch_and_add(&row->total_ns, bpf_ktime_get_ns() - call.since_ns);
	if (operation == CALL_READ) {
		__sync_fetch_and_add(&row->reads, 1);
		__sync_fetch_and_add(&row->read_bytes, ret);
	} else {
		__sync_fetch_and_add(&row->writes, 1);
		__sync_fetch_and_add(&row->written_bytes, ret);
	}
	return 0;
}
