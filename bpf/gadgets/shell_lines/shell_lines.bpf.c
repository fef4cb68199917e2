// SPDX-License-Identifier: GPL-2.0
/*
 * shell_lines: the lines that people type in interactive shells.
 *
 * Taken where readline() returns to the shell: the text is whole, in memory, and has been written
 * just now. Where that function is, the manifest says to the runner.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define LINE_SIZE 4096
/* How many rooms of text are counted behind one that was cut. */
#define ROOMS_COUNTED 16
#define PATH_SIZE 256
#define RING_SIZE (1024 * 1024)

char LICENSE[] SEC("license") = "GPL";

/* For the runner alone: where readline() is. */
const volatile char probed_path[PATH_SIZE] = {};

struct line_event {
	TASK_FIELDS;
	__u32 line_bytes; /* that there were, as far as they were counted */
	bool line_cut; /* `line` lacks some of them */
	char line[LINE_SIZE];
};

/* Only the used part of `line` is sent, so the record ends where it ends. */
#define EVENT_HEAD_SIZE __builtin_offsetof(struct line_event, line)

struct line_event *line_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

struct line_scratch {
	struct line_event event;
	char rest[LINE_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct line_scratch);
} scratch SEC(".maps");

/* Bytes of the text from `from` on, in as many rooms as are counted. */
static __always_inline __u32 count_rest(char *room, __u64 from)
{
	__u32 bytes = 0;
	int i;

	for (i = 0; i < ROOMS_COUNTED; i++) {
		long size = bpf_probe_read_user_str(room, LINE_SIZE, (void *)(from + bytes));

		if (size <= 0)
			break;
		bytes += size - 1;
		if (size < LINE_SIZE)
			break;
	}
	return bytes;
}

SEC("uretprobe")
int on_line(struct pt_regs *ctx)
{
	__u64 text = PT_REGS_RC(ctx);
	struct line_scratch *space;
	struct line_event *event;
	__u32 key = 0;
	__u64 used = 0;
	long size;

	if (!text || !is_wanted_current()) /* no text: the end of the input */
		return 0;
	space = bpf_map_lookup_elem(&scratch, &key);
	if (!space)
		return 0;
	event = &space->event;
	__builtin_memset(event, 0, EVENT_HEAD_SIZE);
	fill_current(event);
	size = bpf_probe_read_user_str(event->line, LINE_SIZE, (void *)text);
	if (size > 0) { /* older kernels answer 0 for an empty text, newer ones 1 */
		used = size;
		event->line_bytes = size - 1;
	}
	if (size == LINE_SIZE)
		event->line_bytes += count_rest(space->rest, text + LINE_SIZE - 1);
	event->line_cut = size < 0 || event->line_bytes >= LINE_SIZE;
	if (used > LINE_SIZE) /* never: for the verifier */
		used = LINE_SIZE;
	if (bpf_ringbuf_output(&events, event, EVENT_HEAD_SIZE + used, 0))
		count_dropped();
	return 0;
}
