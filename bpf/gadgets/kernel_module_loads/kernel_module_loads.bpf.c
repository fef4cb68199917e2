// SPDX-License-Identifier: GPL-2.0
/*
 * kernel_module_loads: which modules are loaded into the kernel and taken out, by whom, and which
 * attempts fail.
 *
 * A call is reported when it returns. What module it is about, the kernel says inside the call, as
 * soon as it has made sense of the bytes: until then a load has no name but its file's.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "descriptors.bpf.h"
#include "syscall_args.bpf.h"

#define NAME_SIZE 56 /* MODULE_NAME_LEN on 64-bit machines */
#define FILE_SIZE 64
#define OPTIONS_SIZE 256
#define RING_SIZE (256 * 1024)

char LICENSE[] SEC("license") = "GPL";

const volatile bool only_failed = false;
const volatile char target_module[NAME_SIZE] = {};

/* A kernel that is built without modules has this struct without fields. */
struct module___compat {
	char name[NAME_SIZE];
	unsigned long taints;
} __attribute__((preserve_access_index));

enum module_operation {
	MODULE_LOAD,
	MODULE_UNLOAD,
	MODULE_REQUEST, /* the kernel wants one to be loaded, for what this thread does */
};

struct module_event {
	TASK_FIELDS;
	__u64 taints;
	enum module_operation operation;
	__s32 ret; /* 0, or -errno */
	__u32 flags; /* as the call has them */
	bool known; /* the kernel has taken it for a module: its code has run */
	bool options_cut;
	char name[NAME_SIZE];
	char file[FILE_SIZE];
	char options[OPTIONS_SIZE];
};

struct module_event *module_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* One room for each program that sends; exec_snoop says why. */
enum module_room {
	ROOM_INIT,
	ROOM_FINIT,
	ROOM_DELETE,
	ROOM_REQUEST,
	ROOM_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ROOM_COUNT);
	__type(key, __u32);
	__type(value, struct module_event);
} scratch SEC(".maps");

/* What the kernel said of the module that a thread's call is about, by thread id. */
struct spoken_of {
	__u64 taints;
	char name[NAME_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SYSCALLS_MAX);
	__type(key, __u32);
	__type(value, struct spoken_of);
} modules_inside SEC(".maps");

static __always_inline bool is_wanted_name(const char *name)
{
	if (!target_module[0])
		return true;
	for (int i = 0; i < NAME_SIZE; i++) {
		if (target_module[i] != name[i])
			return false;
		if (!name[i])
			return true;
	}
	return true;
}

static __always_inline struct module_event *
begin_event(enum module_room room, enum module_operation operation, __u32 flags, long ret)
{
	__u32 key = room;
	struct module_event *event = bpf_map_lookup_elem(&scratch, &key);

	if (!event)
		return NULL;
	__builtin_memset(event, 0, sizeof(*event));
	fill_current(event);
	event->operation = operation;
	event->flags = flags;
	event->ret = ret < 0 ? ret : 0;
	return event;
}

static __always_inline void send(const struct module_event *event)
{
	if (only_failed && event->ret >= 0)
		return;
	if (!is_wanted_name(event->name))
		return;
	if (bpf_ringbuf_output(&events, (void *)event, sizeof(*event), 0))
		count_dropped();
}

static __always_inline void take_module(struct module_event *event)
{
	struct spoken_of *module = bpf_map_lookup_elem(&modules_inside, &event->tid);

	if (!module)
		return;
	event->known = true;
	event->taints = module->taints;
	__builtin_memcpy(event->name, module->name, NAME_SIZE);
	bpf_map_delete_elem(&modules_inside, &event->tid);
}

static __always_inline void read_options(struct module_event *event, __u64 from)
{
	bool cut;

	read_user_text(event->options, OPTIONS_SIZE, from, &cut);
	event->options_cut = cut;
}

static __always_inline void report_load(struct module_event *event, __u64 options)
{
	take_module(event);
	read_options(event, options);
	send(event);
}

/* The kernel has formed the module, and runs its start next; or it gives its memory back. */
static __always_inline int note_module(struct module___compat *module)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct spoken_of spoken = {};

	if (!bpf_map_lookup_elem(&syscalls_inside, &tid))
		return 0;
	spoken.taints = BPF_CORE_READ(module, taints);
	BPF_CORE_READ_STR_INTO(&spoken.name, module, name);
	bpf_map_update_elem(&modules_inside, &tid, &spoken, BPF_ANY);
	return 0;
}

SEC("raw_tp/module_load")
int BPF_PROG(on_module_load, struct module___compat *module)
{
	return note_module(module);
}

SEC("raw_tp/module_free")
int BPF_PROG(on_module_free, struct module___compat *module)
{
	return note_module(module);
}

SEC("raw_tp/module_request")
int BPF_PROG(on_module_request, const char *name)
{
	struct module_event *event;

	if (!is_wanted_current())
		return 0;
	event = begin_event(ROOM_REQUEST, MODULE_REQUEST, 0, 0);
	if (!event)
		return 0;
	bpf_probe_read_kernel_str(event->name, NAME_SIZE, name);
	send(event);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_init_module")
int on_enter_init(struct syscall_trace_enter___compat *ctx)
{
	return is_wanted_current() ? keep_syscall_args(ctx->args[2]) : 0;
}

SEC("tracepoint/syscalls/sys_exit_init_module")
int on_exit_init(struct syscall_trace_exit___compat *ctx)
{
	struct module_event *event;
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	event = begin_event(ROOM_INIT, MODULE_LOAD, 0, ctx->ret);
	if (event)
		report_load(event, call.args[0]);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_finit_module")
int on_enter_finit(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("tracepoint/syscalls/sys_exit_finit_module")
int on_exit_finit(struct syscall_trace_exit___compat *ctx)
{
	struct module_event *event;
	struct syscall_args call;
	struct file *file;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	event = begin_event(ROOM_FINIT, MODULE_LOAD, call.args[2], ctx->ret);
	if (!event)
		return 0;
	file = file_of(call.args[0]);
	if (file)
		bpf_probe_read_kernel_str(event->file, FILE_SIZE,
					  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	report_load(event, call.args[1]);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_delete_module")
int on_enter_delete(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0], ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_exit_delete_module")
int on_exit_delete(struct syscall_trace_exit___compat *ctx)
{
	struct module_event *event;
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	event = begin_event(ROOM_DELETE, MODULE_UNLOAD, call.args[1], ctx->ret);
	if (!event)
		return 0;
	bpf_probe_read_user_str(event->name, NAME_SIZE, (const void *)call.args[0]);
	take_module(event);
	send(event);
	return 0;
}
