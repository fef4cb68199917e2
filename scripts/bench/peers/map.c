// SPDX-License-Identifier: Apache-2.0
/*
 * The C peer of the map dump: for each map id on stdin it writes every element as JSON to /dev/null
 * and answers the nanoseconds per element and the number of elements. "vmlinux" on stdin reads
 * the kernel's BTF by libbpf and answers the nanoseconds and the number of types.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 8192
#define BUFFER_SIZE (64 * 1024)
#define LINE_SIZE 128

struct row {
	unsigned long count;
	unsigned long last_ns;
	unsigned int low;
	unsigned int high;
	char comm[16];
};

static unsigned int keys[BATCH];
static struct row rows[BATCH];

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static void write_rows(FILE *output, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		fprintf(output,
			"{\"key\":%u,\"value\":{\"count\":%lu,\"last_ns\":%lu,\"low\":%u,"
			"\"high\":%u,\"comm\":\"%s\"}}\n",
			keys[i], rows[i].count, rows[i].last_ns, rows[i].low, rows[i].high,
			rows[i].comm);
}

static long dump(int map, FILE *output)
{
	unsigned int tokens[2];
	void *position = NULL;
	long total = 0;
	int error;

	for (int turn = 0;; turn = !turn) {
		unsigned int count = BATCH;

		error = bpf_map_lookup_batch(map, position, &tokens[turn], keys, rows, &count, NULL);
		if (error && error != -ENOENT)
			return -1;
		write_rows(output, count);
		total += count;
		position = &tokens[turn];
		if (error)
			return total;
	}
}

int main(void)
{
	static char buffer[BUFFER_SIZE];
	FILE *output = fopen("/dev/null", "w");
	char line[LINE_SIZE];

	if (!output)
		return 1;
	setvbuf(output, buffer, _IOFBF, sizeof(buffer));
	while (fgets(line, sizeof(line), stdin)) {
		double start = now_ns();
		long count;

		if (!strncmp(line, "vmlinux", 7)) {
			struct btf *btf = btf__load_vmlinux_btf();

			count = btf ? (long)btf__type_cnt(btf) : -1;
			printf("%.0f %ld\n", now_ns() - start, count);
			btf__free(btf);
		} else {
			int map = bpf_map_get_fd_by_id(strtoul(line, NULL, 10));

			start = now_ns();
			count = dump(map, output);
			fflush(output);
			printf("%.3f %ld\n", (now_ns() - start) / count, count);
		}
		fflush(stdout);
	}
	return 0;
}
