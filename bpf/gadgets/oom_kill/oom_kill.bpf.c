// SPDX-License-Identifier: GPL-2.0
/*
 * oom_kill: every process that the kernel ends because memory has run out.
 *
 * mark_victim is passed once per victim, before it gets its SIGKILL: its memory is still there to
 * be counted. Its event is of the victim; who asked for the memory is beside it.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define RING_SIZE (64 * 1024)

/* Kinds of pages, as enum in include/linux/mm_types_task.h numbers them on every kernel we know. */
#define FILE_PAGES 0
#define ANON_PAGES 1
#define SWAP_ENTRIES 2
#define SHMEM_PAGES 3

/* The tree of pids: six bits of the number choose at each node. */
#define TREE_BITS 6
#define TREE_LEVELS 6
#define TREE_MASK 63
#define TREE_NODE 2

char LICENSE[] SEC("license") = "GPL";

struct oom_event {
	TASK_FIELDS; /* the victim */
	__u32 trigger_pid; /* whose allocation found no memory */
	char trigger_comm[COMM_SIZE];
	__s32 oom_score_adj;
	__u64 trigger_cgroup_id;
	__u64 anon_pages;
	__u64 file_pages;
	__u64 shmem_pages;
	__u64 swapped_pages;
	__u64 virtual_pages;
	__u64 page_table_bytes;
};

struct oom_event *oom_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/*
 * The thread with this id in the initial pid namespace. Before Linux 6.2 no helper finds it, and the
 * tracepoint gave the id alone: so the tree of pids is walked as find_pid_ns does.
 */
static __always_inline struct task_struct *find_task(__u32 id)
{
	struct task_struct *current = (struct task_struct *)bpf_get_current_task();
	struct pid_namespace *initial = BPF_CORE_READ(current, thread_pid, numbers[0].ns);
	unsigned long entry = (unsigned long)BPF_CORE_READ(initial, idr.idr_rt.xa_head);
	struct hlist_node *node;
	struct pid *pid;

	for (int level = 0; level < TREE_LEVELS && (entry & 3) == TREE_NODE; level++) {
		struct xa_node *inner = (struct xa_node *)(entry - TREE_NODE);
		__u32 shift = BPF_CORE_READ(inner, shift);
		void **slot = &inner->slots[id >> shift & TREE_MASK];

		if (bpf_core_read(&entry, sizeof(entry), slot))
			return NULL;
	}
	pid = (struct pid *)entry;
	node = BPF_CORE_READ(pid, tasks[PIDTYPE_PID].first);
	if (!node)
		return NULL;
	return (void *)node - bpf_core_field_offset(struct task_struct, pid_links[PIDTYPE_PID]);
}

static __always_inline void fill_memory(struct oom_event *event, struct mm_struct *mm)
{
	event->anon_pages = resident_pages(mm, ANON_PAGES);
	event->file_pages = resident_pages(mm, FILE_PAGES);
	event->shmem_pages = resident_pages(mm, SHMEM_PAGES);
	event->swapped_pages = resident_pages(mm, SWAP_ENTRIES);
	event->virtual_pages = BPF_CORE_READ(mm, total_vm);
	event->page_table_bytes = BPF_CORE_READ(mm, pgtables_bytes.counter);
}

SEC("raw_tp/mark_victim")
int on_victim(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *victim;
	struct oom_event *event;

	if (gives_victim())
		victim = (struct task_struct *)ctx->args[0];
	else
		victim = find_task(ctx->args[0]);
	if (!is_wanted_task(victim))
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count_dropped();
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	fill_task(event, victim);
	event->trigger_pid = bpf_get_current_pid_tgid() >> 32;
	event->trigger_cgroup_id = cgroup_id_of((struct task_struct *)bpf_get_current_task());
	bpf_get_current_comm(event->trigger_comm, sizeof(event->trigger_comm));
	event->oom_score_adj = BPF_CORE_READ(victim, signal, oom_score_adj);
	fill_memory(event, BPF_CORE_READ(victim, mm));
	bpf_ringbuf_submit(event, 0);
	return 0;
}
