// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_activity: who makes, loads, attaches and pins what of eBPF, by bpf(2).
 *
 * The call is reported when it returns: what was made has its id then, and is found through the new
 * descriptor. What the caller asked for is read from its memory, only as far as it says that its
 * attributes reach.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "descriptors.bpf.h"
#include "syscall_args.bpf.h"

#define NAME_SIZE 16
#define TARGET_SIZE 128
#define RING_SIZE (512 * 1024)
#define NO_ATTACH_TYPE -1
#define STRUCT_OPS 44 /* BPF_STRUCT_OPS: a link of this kind has a map where others have a program */

char LICENSE[] SEC("license") = "GPL";

const volatile __s32 excluded_pid = -1;
const volatile bool only_failed = false;
const volatile bool every_command = false;

struct bpf_event {
	TASK_FIELDS;
	enum bpf_cmd command;
	__s32 ret; /* 0, or -errno */
	__u32 object_id; /* of the program, map, link or BTF that was made */
	__u32 program_id; /* that is loaded, attached or pinned */
	enum bpf_prog_type program_type;
	enum bpf_map_type map_type;
	enum bpf_attach_type attach_type; /* all bits set: the command has none */
	__u32 instructions;
	char name[NAME_SIZE];
	char target[TARGET_SIZE];
};

struct bpf_event *bpf_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* The beginnings of union bpf_attr, which never change; all of them have 72 bytes here. */
struct attr_of_map {
	__u32 type;
	__u32 sizes[6];
	char name[NAME_SIZE];
	__u32 rest[7];
};

struct attr_of_program {
	__u32 type;
	__u32 instructions;
	__u64 texts[2];
	__u32 log[6];
	char name[NAME_SIZE];
	__u32 rest[2];
};

struct attr_of_path {
	__u64 path;
	__u32 fd;
	__u32 rest[15];
};

struct attr_of_link {
	__u32 program_fd;
	__u32 target_fd;
	__u32 attach_type;
	__u32 rest[15];
};

union call_attr {
	struct attr_of_map map;
	struct attr_of_program program;
	struct attr_of_path path; /* of a pin, or of a raw tracepoint: its name */
	struct attr_of_link link; /* of an attach the first two are the other way round */
};

static __always_inline bool is_change(enum bpf_cmd command)
{
	switch (command) {
	case BPF_MAP_CREATE:
	case BPF_PROG_LOAD:
	case BPF_OBJ_PIN:
	case BPF_OBJ_GET:
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
	case BPF_PROG_TEST_RUN:
	case BPF_RAW_TRACEPOINT_OPEN:
	case BPF_BTF_LOAD:
	case BPF_MAP_FREEZE:
	case BPF_LINK_CREATE:
	case BPF_LINK_UPDATE:
	case BPF_ENABLE_STATS:
	case BPF_ITER_CREATE:
	case BPF_LINK_DETACH:
	case BPF_PROG_BIND_MAP:
		return true;
	default: /* elements, queries, look-ups by id; a command that is not known here is reported */
		return command > BPF_PROG_BIND_MAP;
	}
}

static __always_inline void *object_of(__u32 fd)
{
	struct file *file = file_of(fd);

	return file ? BPF_CORE_READ(file, private_data) : NULL;
}

static __always_inline void read_program(struct bpf_event *event, __u32 fd)
{
	struct bpf_prog *program = object_of(fd);

	event->program_id = BPF_CORE_READ(program, aux, id);
	event->program_type = BPF_CORE_READ(program, type);
	BPF_CORE_READ_STR_INTO(&event->name, program, aux, name);
}

static __always_inline void read_link(struct bpf_event *event, __u32 program_fd, __u32 fd)
{
	struct bpf_link *link = object_of(fd);

	event->object_id = BPF_CORE_READ(link, id);
	read_program(event, program_fd);
}

static __always_inline void read_target(struct bpf_event *event, const union call_attr *attr)
{
	bpf_probe_read_user_str(event->target, TARGET_SIZE, (const void *)attr->path.path);
}

static __always_inline void read_map_create(struct bpf_event *event, const union call_attr *attr,
					    long ret)
{
	struct bpf_map *map;

	event->map_type = attr->map.type;
	__builtin_memcpy(event->name, attr->map.name, NAME_SIZE);
	if (ret >= 0) {
		map = object_of(ret);
		event->object_id = BPF_CORE_READ(map, id);
	}
}

static __always_inline void read_prog_load(struct bpf_event *event, const union call_attr *attr,
					   long ret)
{
	event->program_type = attr->program.type;
	event->instructions = attr->program.instructions;
	__builtin_memcpy(event->name, attr->program.name, NAME_SIZE);
	if (ret >= 0) {
		read_program(event, ret);
		event->object_id = event->program_id;
	}
}

/* Descriptors in attributes are looked at after a success only: until then they can be any. */
static __always_inline void read_attributes(struct bpf_event *event, const union call_attr *attr,
					    long ret)
{
	switch (event->command) {
	case BPF_MAP_CREATE:
		read_map_create(event, attr, ret);
		break;
	case BPF_PROG_LOAD:
		read_prog_load(event, attr, ret);
		break;
	case BPF_OBJ_PIN:
	case BPF_OBJ_GET:
		read_target(event, attr);
		break;
	case BPF_RAW_TRACEPOINT_OPEN:
		read_target(event, attr);
		if (ret >= 0)
			read_link(event, attr->path.fd, ret);
		break;
	case BPF_LINK_CREATE:
		event->attach_type = attr->link.attach_type;
		if (ret >= 0 && attr->link.attach_type != STRUCT_OPS)
			read_link(event, attr->link.program_fd, ret);
		break;
	case BPF_PROG_ATTACH:
		event->attach_type = attr->link.attach_type;
		if (ret >= 0)
			read_program(event, attr->link.target_fd);
		break;
	case BPF_PROG_DETACH:
		event->attach_type = attr->link.attach_type;
		break;
	default:
		break;
	}
}

SEC("tracepoint/syscalls/sys_enter_bpf")
int on_enter_bpf(struct syscall_trace_enter___compat *ctx)
{
	if (!every_command && !is_change((__u32)ctx->args[0]))
		return 0;
	if (excluded_pid != -1 && (__u32)excluded_pid == bpf_get_current_pid_tgid() >> 32)
		return 0;
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("tracepoint/syscalls/sys_exit_bpf")
int on_exit_bpf(struct syscall_trace_exit___compat *ctx)
{
	union call_attr attr = {};
	struct bpf_event event;
	struct syscall_args call;
	long ret = ctx->ret;
	__u64 size;

	if (!take_syscall_args(ret, &call) || (only_failed && ret >= 0))
		return 0;
	__builtin_memset(&event, 0, sizeof(event));
	fill_current(&event);
	event.command = call.args[0];
	event.ret = ret < 0 ? ret : 0;
	event.attach_type = NO_ATTACH_TYPE;
	size = (__u32)call.args[2];
	if (size > sizeof(attr))
		size = sizeof(attr);
	bpf_probe_read_user(&attr, size, (const void *)call.args[1]);
	read_attributes(&event, &attr, ret);
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		count_dropped();
	return 0;
}
