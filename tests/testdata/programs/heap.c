// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks of known number and size, by functions of known names:
 *
 *   grow COUNT BYTES      grow_blocks: malloc, kept
 *   clear COUNT BYTES     clear_blocks: calloc, kept
 *   align COUNT BYTES     align_blocks: aligned_alloc, memalign and posix_memalign in turn, kept
 *   resize BYTES          resize_blocks: realloc of all that are kept
 *   fresh COUNT BYTES     resize_blocks: realloc of nothing, kept
 *   churn COUNT BYTES     churn_blocks: malloc, and free
 *   shrink COUNT          frees those that were kept last
 *   empty                 resize_blocks: realloc of all that are kept to 0 bytes, which frees them
 *   fail                  refuse_blocks: calls of each kind that fail, one realloc of a kept block
 *   threads N COUNT BYTES N threads: share_blocks allocates COUNT each, and frees all but one of
 *                         what another thread allocated
 */
#include "workload.h"
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>

/* Stacks are walked by frame pointers. */
#pragma GCC optimize("no-omit-frame-pointer")

#define BLOCKS_MAX 400000
#define THREADS_MAX 16
#define ALIGNMENT 64
/* Has a row of its own. */
#define NAMED __attribute__((noipa))

static void *blocks[BLOCKS_MAX];
static long kept;

static int keep(void *block)
{
	if (!block)
		return ENOMEM;
	if (kept == BLOCKS_MAX)
		return E2BIG;
	blocks[kept++] = block;
	return 0;
}

NAMED int grow_blocks(long count, size_t bytes)
{
	int error = 0;

	while (count-- > 0 && !error)
		error = keep(malloc(bytes));
	return error;
}

NAMED int clear_blocks(long count, size_t bytes)
{
	int error = 0;

	while (count-- > 0 && !error)
		error = keep(calloc(4, bytes / 4));
	return error;
}

NAMED int align_blocks(long count, size_t bytes)
{
	void *block;
	int error = 0;

	while (count-- > 0 && !error) {
		block = NULL;
		if (count % 3 == 0)
			block = aligned_alloc(ALIGNMENT, bytes);
		else if (count % 3 == 1)
			block = memalign(ALIGNMENT, bytes);
		else if (posix_memalign(&block, ALIGNMENT, bytes))
			return ENOMEM;
		error = keep(block);
	}
	return error;
}

NAMED int resize_blocks(size_t bytes)
{
	for (long i = 0; i < kept; i++) {
		blocks[i] = realloc(blocks[i], bytes);
		if (!blocks[i] && bytes)
			return ENOMEM;
	}
	if (!bytes)
		kept = 0;
	return 0;
}

NAMED int churn_blocks(long count, size_t bytes)
{
	while (count-- > 0) {
		void *volatile block = malloc(bytes);

		if (!block)
			return ENOMEM;
		free(block);
	}
	return 0;
}

NAMED int refuse_blocks(void)
{
	volatile size_t much = SIZE_MAX / 4;
	void *volatile block; /* else the compiler takes away what nobody uses */
	void *place;

	if ((block = malloc(much)) || (block = calloc(much, 8)) ||
	    (block = aligned_alloc(ALIGNMENT, much)) || (block = realloc(NULL, much)) ||
	    !posix_memalign(&place, ALIGNMENT, much))
		return EINVAL;
	return kept && (block = realloc(blocks[0], much)) ? EINVAL : 0;
}

static pthread_barrier_t all;
static int shares;
static long share_count;
static size_t share_bytes;
static void **share_of[THREADS_MAX];

NAMED void *share_blocks(void *place)
{
	int own = (intptr_t)place;
	void **others = share_of[(own + 1) % shares];

	for (long i = 0; i < share_count; i++)
		share_of[own][i] = malloc(share_bytes);
	pthread_barrier_wait(&all);
	for (long i = 1; i < share_count; i++)
		free(others[i]);
	return NULL;
}

static int run_threads(int count, long each, size_t bytes)
{
	pthread_t threads[THREADS_MAX];

	if (count < 1 || count > THREADS_MAX)
		return EINVAL;
	shares = count;
	share_count = each;
	share_bytes = bytes;
	pthread_barrier_init(&all, NULL, count);
	for (int i = 0; i < count; i++)
		share_of[i] = calloc(each, sizeof(void *));
	for (intptr_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, share_blocks, (void *)i))
			return EAGAIN;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

static int shrink(long count)
{
	for (; count > 0 && kept > 0; count--)
		free(blocks[--kept]);
	return 0;
}

static int obey(const char *verb, char *rest)
{
	long first = 0, second = 0, third = 0;

	sscanf(rest, "%ld %ld %ld", &first, &second, &third);
	if (!strcmp(verb, "grow"))
		return grow_blocks(first, second);
	if (!strcmp(verb, "clear"))
		return clear_blocks(first, second);
	if (!strcmp(verb, "align"))
		return align_blocks(first, second);
	if (!strcmp(verb, "resize"))
		return resize_blocks(first);
	if (!strcmp(verb, "fresh")) {
		for (long i = 0; i < first && kept < BLOCKS_MAX; i++)
			blocks[kept++] = NULL;
		return resize_blocks(second);
	}
	if (!strcmp(verb, "churn"))
		return churn_blocks(first, second);
	if (!strcmp(verb, "shrink"))
		return shrink(first);
	if (!strcmp(verb, "empty"))
		return resize_blocks(0);
	if (!strcmp(verb, "fail"))
		return refuse_blocks();
	if (!strcmp(verb, "threads"))
		return run_threads(first, second, third);
	return EINVAL;
}
