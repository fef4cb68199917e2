// SPDX-License-Identifier: GPL-2.0
/*
 * A person at a terminal: runs an interactive bash on a pseudo terminal, and types.
 *
 *   begin            starts bash; it has done so when it asks for a line. Reports its pid
 *   line TEXT        types the text and Enter, and waits until bash asks for the next line
 *   long BYTES       types ": xxx...", so many bytes in all
 *   raw HEX          types these bytes and Enter
 *   times N TEXT     types the same line N times
 *   end              types Ctrl-D, and waits for the end of bash
 */
#include "workload.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

/* What bash writes when a line is done, and when it asks for the next one. */
#define DONE "<<done>>"
#define READY "<<ready>>"
#define PATIENCE_MS 20000

static int terminal = -1;
static pid_t shell;
/* What the shell has written since the last line was typed: the end of it. */
static char written[64];

static void become_shell(const char *path)
{
	char *const arguments[] = { "bash", "--norc", "--noprofile", "-i", NULL };
	char *const environment[] = { "PS1=" READY, "PROMPT_COMMAND=printf '" DONE "'", "TERM=dumb",
				      "HISTFILE=", "LC_ALL=C", "PATH=/usr/bin:/bin", NULL };
	struct winsize size = { .ws_row = 24, .ws_col = 30000 };
	int fd;

	setsid();
	fd = open(path, O_RDWR);
	if (fd < 0)
		_exit(1);
	ioctl(fd, TIOCSCTTY, 0);
	ioctl(fd, TIOCSWINSZ, &size);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
	execve("/bin/bash", arguments, environment);
	_exit(1);
}

static void remember(const char *text, size_t length)
{
	size_t room = sizeof(written) - 1, used = strlen(written);

	for (; length > 0; text++, length--) {
		if (!*text)
			continue;
		if (used == room)
			memmove(written, written + 1, used--);
		written[used++] = *text;
		written[used] = 0;
	}
}

/* Reads what there is. False at the end, or after PATIENCE_MS without anything. */
static int take(short events)
{
	struct pollfd waiting = { .fd = terminal, .events = events };
	char text[4096];
	ssize_t length;

	if (poll(&waiting, 1, PATIENCE_MS) <= 0)
		return 0;
	if (!(waiting.revents & POLLIN))
		return !(waiting.revents & (POLLHUP | POLLERR));
	length = read(terminal, text, sizeof(text));
	if (length <= 0)
		return 0;
	remember(text, length);
	return 1;
}

/*
 * bash writes DONE when it has run the line. The prompt behind it comes from readline(), which has
 * taken the terminal over by then: what is typed earlier would be cut to the 4095 bytes of a line
 * of the terminal's own.
 */
static int await_prompt(void)
{
	while (!strstr(written, DONE) || !strstr(strstr(written, DONE), READY))
		if (!take(POLLIN))
			return EIO;
	written[0] = 0;
	return 0;
}

/* The terminal has little room: what bash writes is taken while it is typed to. */
static int type(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t count = write(terminal, text, length);

		if (count > 0) {
			text += count;
			length -= count;
		} else if (errno != EAGAIN) {
			return errno;
		}
		if (!take(POLLIN | POLLOUT))
			return EIO;
	}
	return 0;
}

static int enter(const char *text, size_t length)
{
	int error = type(text, length);

	if (!error)
		error = type("\n", 1);
	return error ? error : await_prompt();
}

static int begin(void)
{
	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
		return errno;
	shell = fork();
	if (shell < 0)
		return errno;
	if (!shell)
		become_shell(ptsname(terminal));
	report(" %d", shell);
	return await_prompt();
}

static int end(void)
{
	int status;

	type("\4", 1);
	while (take(POLLIN))
		;
	close(terminal);
	return waitpid(shell, &status, 0) < 0 ? errno : 0;
}

static int enter_long(long bytes)
{
	char *text = malloc(bytes + 1);
	int error;

	memset(text, 'x', bytes);
	memcpy(text, ": ", 2);
	error = enter(text, bytes);
	free(text);
	return error;
}

static int enter_raw(const char *hex)
{
	char text[256];
	size_t length = 0;
	unsigned int byte;

	while (length < sizeof(text) && sscanf(hex, "%2x", &byte) == 1) {
		text[length++] = byte;
		hex += 2;
	}
	return enter(text, length);
}

static int obey(const char *verb, char *rest)
{
	int error = 0;
	char *text;

	if (!strcmp(verb, "begin"))
		return begin();
	if (!strcmp(verb, "line"))
		return enter(rest, strlen(rest));
	if (!strcmp(verb, "long"))
		return enter_long(atol(rest));
	if (!strcmp(verb, "raw"))
		return enter_raw(rest);
	if (!strcmp(verb, "end"))
		return end();
	if (strcmp(verb, "times"))
		return EINVAL;
	for (long count = strtol(rest, &text, 10); count > 0 && !error; count--)
		error = enter(text + 1, strlen(text + 1));
	return error;
}
