// Programs in C that prompts hand over where no built-in gadget answers the question yet. Each is
// compiled, loaded and run by a test. They need libbpf's headers and clang, and no vmlinux.h.

/** How they are compiled; `NAME` is the file's. */
export function compileCommand(name: string): string {
  return `clang -g -O2 -target bpf -I/usr/include/$(uname -m)-linux-gnu ` +
    `-c ${name}.bpf.c -o ${name}.bpf.o`;
}

/** Failing system calls by process name, number and error, counted in the kernel. */
export const failingSyscalls = `\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sys_exit {
	__u64 common;
	__s64 syscall;
	__s64 result;
};

struct failure {
	char comm[16];
	__s32 syscall;
	__s32 error;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct failure);
	__type(value, __u64);
} failures SEC(".maps");

SEC("tracepoint/raw_syscalls/sys_exit")
int on_sys_exit(struct sys_exit *ctx)
{
	struct failure failure = {};
	__u64 one = 1, *count;

	if (ctx->result >= 0 || ctx->result < -4095)
		return 0;
	bpf_get_current_comm(failure.comm, sizeof(failure.comm));
	failure.syscall = ctx->syscall;
	failure.error = -ctx->result;
	count = bpf_map_lookup_elem(&failures, &failure);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&failures, &failure, &one, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
`;
