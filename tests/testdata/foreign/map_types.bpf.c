// SPDX-License-Identifier: GPL-2.0
/* Maps of the kinds that need more than a key and a value. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

#define ARENA 33 /* newer than the headers of some hosts */
#define CGRP_STORAGE 32

struct item {
	__u64 count;
	char name[16];
};

#define MAP(type_name, map, entries, key_type, value_type)	\
	struct {						\
		__uint(type, type_name);			\
		__uint(max_entries, entries);			\
		__type(key, key_type);				\
		__type(value, value_type);			\
	} map SEC(".maps");

#define STORAGE(type_name, map)				\
	struct {					\
		__uint(type, type_name);		\
		__uint(map_flags, BPF_F_NO_PREALLOC);	\
		__type(key, int);			\
		__type(value, struct item);		\
	} map SEC(".maps");

MAP(BPF_MAP_TYPE_SOCKMAP, sockets, 4, __u32, __u64)
MAP(BPF_MAP_TYPE_SOCKHASH, sockets_by_key, 4, __u64, __u64)
MAP(BPF_MAP_TYPE_DEVMAP, devices, 4, __u32, struct bpf_devmap_val)
MAP(BPF_MAP_TYPE_DEVMAP_HASH, devices_by_key, 4, __u32, __u32)
MAP(BPF_MAP_TYPE_CPUMAP, cpus, 4, __u32, struct bpf_cpumap_val)
MAP(BPF_MAP_TYPE_XSKMAP, rings, 4, __u32, __u32)
MAP(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, listeners, 4, __u32, __u64)
MAP(BPF_MAP_TYPE_PERF_EVENT_ARRAY, perf, 0, __u32, __u32)
MAP(BPF_MAP_TYPE_CGROUP_ARRAY, cgroups, 4, __u32, __u32)
MAP(BPF_MAP_TYPE_LRU_PERCPU_HASH, recent, 64, __u32, struct item)
STORAGE(BPF_MAP_TYPE_TASK_STORAGE, of_task)
STORAGE(BPF_MAP_TYPE_SK_STORAGE, of_socket)
STORAGE(BPF_MAP_TYPE_INODE_STORAGE, of_inode)
STORAGE(CGRP_STORAGE, of_cgroup)

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, struct item);
} of_program SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, 8);
	__type(value, struct item);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 1000);
	__uint(map_extra, 3);
	__type(value, __u32);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 128);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} commands SEC(".maps");

struct {
	__uint(type, ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 10);
} pages SEC(".maps");

char _license[] SEC("license") = "GPL";
