/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attaches a pinned program to a perf event without a link, as was done before Linux 5.15, and holds
 * it until its input ends: perf_holder PIN tracepoint ID | uprobe TYPE FILE OFFSET | software.
 */
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BASE_AUTO 0
#define CPU 0
#define FREQUENCY_HZ 1

static int open_pin(const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (unsigned long)path;
	return syscall(__NR_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
}

static int open_event(int argc, char **argv)
{
	struct perf_event_attr attr;
	const char *kind = argc > 2 ? argv[2] : "";

	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	if (strcmp(kind, "tracepoint") == 0 && argc == 4) {
		attr.type = PERF_TYPE_TRACEPOINT;
		attr.config = strtoull(argv[3], NULL, BASE_AUTO);
		attr.sample_period = 1;
	} else if (strcmp(kind, "uprobe") == 0 && argc == 6) {
		attr.type = strtoul(argv[3], NULL, BASE_AUTO);
		attr.uprobe_path = (unsigned long)argv[4];
		attr.probe_offset = strtoull(argv[5], NULL, BASE_AUTO);
	} else if (strcmp(kind, "software") == 0 && argc == 3) {
		attr.type = PERF_TYPE_SOFTWARE;
		attr.config = PERF_COUNT_SW_CPU_CLOCK;
		attr.sample_freq = FREQUENCY_HZ;
		attr.freq = 1;
	} else {
		fprintf(stderr, "perf_holder: PIN tracepoint ID | uprobe TYPE FILE OFFSET | software\n");
		exit(2);
	}
	return syscall(__NR_perf_event_open, &attr, -1, CPU, -1, PERF_FLAG_FD_CLOEXEC);
}

int main(int argc, char **argv)
{
	int event = open_event(argc, argv);
	int program = open_pin(argv[1]);
	char byte;

	if (event < 0 || program < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, program) != 0) {
		perror("perf_holder");
		return 1;
	}
	close(program);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
