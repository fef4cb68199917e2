// SPDX-License-Identifier: GPL-2.0
/*
 * file_latency: reads, writes, opens and syncs of files that take long, by path.
 *
 * Timed as the caller sees it, from the start of the system call to its end. The path is looked for
 * only of those that took long, through the descriptor, when the call has ended.
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

#define RING_SIZE (256 * 1024)
#define OPERATION_SIZE 8
#define PATH_SIZE 1024
#include "path.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile __u64 min_us = 10000;
const volatile bool include_opens = true;

struct file_event {
	TASK_FIELDS;
	__u64 latency_ns;
	__s64 ret;
	char operation[OPERATION_SIZE];
	bool path_cut;
	char path[PATH_SIZE];
};

/* Only the used part of `path` is sent. */
#define EVENT_HEAD_SIZE __builtin_offsetof(struct file_event, path)

struct file_event *file_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* One program uses it, which does not interrupt itself on its CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct file_event);
} scratch SEC(".maps");

static __always_inline enum operation wanted_operation_of(long number)
{
	enum operation operation = operation_of(number);
	bool is_open = operation == CALL_OPEN || operation == CALL_OPEN_AT;

	return is_open && !include_opens ? CALL_NONE : operation;
}

SEC("raw_tp/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long number)
{
	enum operation operation = wanted_operation_of(number);

	if (operation != CALL_NONE && is_wanted_current() && !is_foreign_abi())
		begin_file_call(regs, operation);
	return 0;
}

static __always_inline void send(struct file_event *event, __u32 path_size)
{
	if (path_size > PATH_SIZE)
		return; /* never: for the verifier */
	if (bpf_ringbuf_output(&events, event, EVENT_HEAD_SIZE + path_size, 0))
		count_dropped();
}

static __always_inline void send_file(struct file_event *event, struct file *file)
{
	struct path_walk *walk = walk_to(file);

	if (!walk)
		return;
	event->path_cut = walk->cut;
	send(event, copy_path(event->path, walk));
}

/* An open that failed has no file: the path as it was asked for. */
static __always_inline void send_asked(struct file_event *event, __u64 path)
{
	long size = bpf_probe_read_user_str(event->path, PATH_SIZE, (void *)path);

	if (size == PATH_SIZE)
		event->path_cut = true;
	send(event, size > 0 ? size : 0);
}

static __always_inline void name_operation(struct file_event *event, enum operation operation)
{
	__builtin_memset(event->operation, 0, OPERATION_SIZE);
	if (operation == CALL_READ)
		__builtin_memcpy(event->operation, "read", sizeof("read"));
	else if (operation == CALL_WRITE)
		__builtin_memcpy(event->operation, "write", sizeof("write"));
	else if (operation == CALL_SYNC)
		__builtin_memcpy(event->operation, "sync", sizeof("sync"));
	else
		__builtin_memcpy(event->operation, "open", sizeof("open"));
}

SEC("raw_tp/sys_exit")
int BPF_PROG(on_exit, struct pt_regs *regs, long ret)
{
	enum operation operation = wanted_operation_of(number_of(regs));
	bool is_open = operation == CALL_OPEN || operation == CALL_OPEN_AT;
	struct file_call call;
	struct file_event *event;
	struct file *file;
	__u32 key = 0;
	__u64 ns;

	if (operation == CALL_NONE || !end_file_call(&call))
		return 0;
	ns = bpf_ktime_get_ns() - call.since_ns;
	if (ns < min_us * NSEC_PER_USEC || is_restarted(ret))
		return 0;
	file = is_open ? ret < 0 ? NULL : file_of(ret) : file_of(call.descriptor);
	if (!is_open && (!file || !is_regular(file)))
		return 0;
	event = bpf_map_lookup_elem(&scratch, &key);
	if (!event)
		return 0;
	__builtin_memset(event, 0, EVENT_HEAD_SIZE);
	fill_current(event);
	event->latency_ns = ns;
	event->ret = ret;
	name_operation(event, operation);
	if (file)
		send_file(event, file);
	else
		send_asked(event, call.path);
	return 0;
}
