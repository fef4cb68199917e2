// Which helpers a program type may call, told by libbpf's plain loader and the verifier's words:
// a witness for kernels whose words bpftool's own libbpf does not know yet (before libbpf 1.5).
// Arguments: program type, expected attach type, flags of the load, highest number. Prints a helper's number a line.
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const refusals[] = {
	"invalid func ",
	"unknown func ",
	"program of this type cannot use helper ",
};

static int is_refused(const char *log)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		if (strstr(log, refusals[i]))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static char log[65536];

	if (argc != 5)
		return 2;
	for (int id = 1; id <= atoi(argv[4]); id++) {
		struct bpf_insn call[] = {
			{ .code = BPF_JMP | BPF_CALL, .imm = id },
			{ .code = BPF_JMP | BPF_EXIT },
		};
		LIBBPF_OPTS(bpf_prog_load_opts, options, .log_buf = log, .log_size = sizeof(log),
			    .log_level = 1, .expected_attach_type = atoi(argv[2]),
			    .prog_flags = atoi(argv[3]));
		int fd;

		if (id == BPF_FUNC_trace_printk || id == BPF_FUNC_trace_vprintk ||
		    id == BPF_FUNC_probe_write_user)
			continue;
		log[0] = 0;
		fd = bpf_prog_load(atoi(argv[1]), NULL, "GPL", call, 2, &options);
		if (fd >= 0)
			close(fd);
		if (fd >= 0 || (log[0] && !is_refused(log)))
			printf("%d\n", id);
	}
	return 0;
}
