/* SPDX-License-Identifier: GPL-2.0 */
/* Calls of bpf(2). Include security_files.h first. */
#ifndef SECURITY_BPF_H
#define SECURITY_BPF_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define NO_SUCH_COMMAND 9999

static long call_bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Until 5.11 maps count as locked memory; where the limit stays, it is not needed. */
static void lift_limit(void)
{
	struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &none);
}

static int create_map(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY,
				.key_size = 4,
				.value_size = 8,
				.max_entries = 1,
				.map_name = "security_map" };

	lift_limit();
	return call_bpf(BPF_MAP_CREATE, &attr);
}

/* It returns 0. Without its end the verifier refuses it. */
static int load_program(uint32_t type, const char *name, uint32_t instructions)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = { .prog_type = type,
				.insns = (uintptr_t)code,
				.insn_cnt = instructions,
				.license = (uintptr_t) "GPL" };

	lift_limit();
	strcpy(attr.prog_name, name);
	return call_bpf(BPF_PROG_LOAD, &attr);
}

/* The first field of every info but that of a program is a type, the second the id. */
static int report_id(int fd)
{
	uint32_t info[2] = {};
	union bpf_attr attr = {};

	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)info;
	if (call_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		return errno;
	report(" %u", info[1]);
	return 0;
}

static int bpf_maps(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		int fd = create_map();

		error = fd < 0 ? errno : report_id(fd);
		close(fd);
	}
	return error;
}

static int bpf_programs(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		int fd = load_program(BPF_PROG_TYPE_SOCKET_FILTER, "security_prog", 2);

		error = fd < 0 ? errno : report_id(fd);
		close(fd);
	}
	return error;
}

/* Of one program, which it reports; nothing makes the tracepoint fire often. */
static int bpf_links(long count)
{
	int program = load_program(BPF_PROG_TYPE_RAW_TRACEPOINT, "security_link", 2);
	int error = program < 0 ? errno : report_id(program);

	for (long i = 0; i < count && !error; i++) {
		union bpf_attr attr = {};
		int fd;

		attr.raw_tracepoint.name = (uintptr_t) "oom_score_adj_update";
		attr.raw_tracepoint.prog_fd = program;
		fd = call_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
		error = fd < 0 ? errno : 0;
		close(fd);
	}
	close(program);
	return error;
}

static int bpf_pins(long count)
{
	int fd = create_map();
	int error = fd < 0 ? errno : 0;
	char path[64];

	snprintf(path, sizeof(path), "/sys/fs/bpf/security-%d", getpid());
	for (long i = 0; i < count && !error; i++) {
		union bpf_attr attr = { .pathname = (uintptr_t)path, .bpf_fd = fd };
		union bpf_attr get = { .pathname = (uintptr_t)path };
		int again;

		error = want(call_bpf(BPF_OBJ_PIN, &attr), 0);
		if (error)
			break;
		again = call_bpf(BPF_OBJ_GET, &get);
		error = want(again, 0);
		close(again);
		unlink(path);
	}
	close(fd);
	return error;
}

/* An element written and read, in one map. */
static int bpf_elements(long count)
{
	int fd = create_map();
	int error = fd < 0 ? errno : 0;

	for (long i = 0; i < count && !error; i++) {
		uint32_t key = 0;
		uint64_t value = i;
		union bpf_attr attr = {};

		attr.map_fd = fd;
		attr.key = (uintptr_t)&key;
		attr.value = (uintptr_t)&value;
		error = want(call_bpf(BPF_MAP_UPDATE_ELEM, &attr), 0);
		if (!error)
			error = want(call_bpf(BPF_MAP_LOOKUP_ELEM, &attr), 0);
	}
	close(fd);
	return error;
}

static int bpf_fails(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		union bpf_attr map = { .map_type = NO_SUCH_COMMAND };
		union bpf_attr none = {};

		error = want(load_program(BPF_PROG_TYPE_SOCKET_FILTER, "refused", 1), EINVAL);
		if (!error)
			error = want(call_bpf(BPF_MAP_CREATE, &map), EINVAL);
		if (!error)
			error = want(call_bpf(NO_SUCH_COMMAND, &none), EINVAL);
	}
	return error;
}

#endif /* SECURITY_BPF_H */
