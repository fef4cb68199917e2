// SPDX-License-Identifier: Apache-2.0
/*
 * The C peer of the ring benchmarks. Reads commands on stdin, answers one line each:
 *   sum N           N records, four fields added up: a loop over the mmapped ring, plain loads
 *   json N          N records through ring_buffer__consume(), each as JSON by snprintf()
 *   live MS         consumes for MS milliseconds, coalescing
 *   produce MS ID   runs the program ID for MS milliseconds, flat out, and consumes nothing
 *   program         the id of our own producer
 * Answers: nanoseconds per record (an id for "program") and the number of records.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 100
#define LINE_SIZE 128
#define JSON_SIZE 512
#define BUSY_BIT (1U << 31)
#define DISCARD_BIT (1U << 30)
#define HEADER_SIZE 8

struct event {
	unsigned long timestamp_ns;
	unsigned int pid;
	unsigned int cpu;
	unsigned long number;
	unsigned long shifted;
	char comm[16];
	long negative;
	unsigned int low;
	unsigned short half;
	unsigned char one;
	unsigned char two;
};

struct ring {
	struct ring_buffer *libbpf;
	volatile unsigned long *consumer;
	volatile unsigned long *producer;
	const char *data;
	unsigned long mask;
};

static double sum;
static long received;
static long written;
static char text[JSON_SIZE];

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static void add(const struct event *event)
{
	sum += (double)event->number + (double)event->shifted + event->pid + event->cpu;
	received++;
}

static int on_sum(void *context, void *data, size_t size)
{
	(void)context;
	(void)size;
	add(data);
	return 0;
}

static int on_json(void *context, void *data, size_t size)
{
	const struct event *event = data;

	(void)context;
	(void)size;
	written += snprintf(text, sizeof(text),
			    "{\"timestamp_ns\":%lu,\"pid\":%u,\"cpu\":%u,\"number\":%lu,"
			    "\"shifted\":%lu,\"comm\":\"%s\",\"negative\":%ld,\"low\":%u,"
			    "\"half\":%u,\"one\":%u,\"two\":%u}",
			    event->timestamp_ns, event->pid, event->cpu, event->number,
			    event->shifted, event->comm, event->negative, event->low, event->half,
			    event->one, event->two);
	received++;
	return 0;
}

static void drain_plain(struct ring *ring)
{
	unsigned long at = *ring->consumer;
	unsigned long end = *ring->producer;

	while (at < end) {
		const char *record = ring->data + (at & ring->mask);
		unsigned int header = *(const volatile unsigned int *)record;

		if (header & BUSY_BIT)
			break;
		if (!(header & DISCARD_BIT))
			add((const struct event *)(record + HEADER_SIZE));
		at += ((header & ~DISCARD_BIT) + HEADER_SIZE + 7) & ~7UL;
	}
	*ring->consumer = at;
}

static void produce(int program, unsigned long count)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &count, .ctx_size_in = sizeof(count));

	if (bpf_prog_test_run_opts(program, &options)) {
		perror("test run");
		exit(1);
	}
}

static void answer_produce(int program, double nanoseconds)
{
	double start = now_ns();
	long count = 0;

	for (; now_ns() - start < nanoseconds; count += CHUNK)
		produce(program, CHUNK);
	printf("%.6f %ld\n", (now_ns() - start) / count, count);
	close(program);
}

static void open_ring(struct ring *ring, int map, unsigned long size)
{
	long page = sysconf(_SC_PAGESIZE);
	void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	void *rest = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, map, page);

	if (consumer == MAP_FAILED || rest == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	ring->consumer = consumer;
	ring->producer = rest;
	ring->data = (const char *)rest + page;
	ring->mask = size - 1;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

static void answer_burst(struct ring *ring, int program, const char *command, long count)
{
	double start;

	produce(program, count);
	received = 0;
	start = now_ns();
	if (!strcmp(command, "sum"))
		drain_plain(ring);
	else
		ring_buffer__consume(ring->libbpf);
	printf("%.3f %ld\n", (now_ns() - start) / received, received);
}

static void answer_live(struct ring *ring, double nanoseconds)
{
	double start = now_ns();

	received = 0;
	while (now_ns() - start < nanoseconds) {
		ring_buffer__consume(ring->libbpf);
		usleep(1000);
	}
	printf("%.6f %ld\n", (now_ns() - start) / received, received);
}

int main(int argc, char **argv)
{
	struct ring sums = {};
	struct ring *ring = &sums;
	struct ring_buffer *json;
	struct bpf_object *object;
	struct bpf_prog_info info = {};
	unsigned int info_size = sizeof(info);
	char line[LINE_SIZE];
	int program;
	int map;

	if (argc != 2)
		return 2;
	libbpf_set_print(quiet);
	object = bpf_object__open_file(argv[1], NULL);
	if (!object || bpf_object__load(object))
		return 1;
	program = bpf_program__fd(bpf_object__find_program_by_name(object, "produce"));
	map = bpf_object__find_map_fd_by_name(object, "ring");
	open_ring(ring, map, bpf_map__max_entries(bpf_object__find_map_by_name(object, "ring")));
	ring->libbpf = ring_buffer__new(map, on_sum, NULL, NULL);
	json = ring_buffer__new(map, on_json, NULL, NULL);
	bpf_obj_get_info_by_fd(program, &info, &info_size);
	while (fgets(line, sizeof(line), stdin)) {
		char command[LINE_SIZE] = "";
		struct ring texts = { .libbpf = json };
		long amount = 0;
		long id = 0;

		sscanf(line, "%127s %ld %ld", command, &amount, &id);
		if (!strcmp(command, "program"))
			printf("%u 1\n", info.id);
		else if (!strcmp(command, "produce"))
			answer_produce(bpf_prog_get_fd_by_id(id), amount * 1e6);
		else if (!strcmp(command, "live"))
			answer_live(ring, amount * 1e6);
		else if (!strcmp(command, "json"))
			answer_burst(&texts, program, command, amount);
		else
			answer_burst(ring, program, command, amount);
		fflush(stdout);
	}
	return 0;
}
