// The tests of every gadget, which stand beside it, as one file: in a guest each costs seconds.
import "../../bpf/gadgets/bind_snoop/bind_snoop_test.ts";
import "../../bpf/gadgets/exec_snoop/exec_snoop_test.ts";
import "../../bpf/gadgets/exit_snoop/exit_snoop_test.ts";
import "../../bpf/gadgets/file_deletes/file_deletes_test.ts";
import "../../bpf/gadgets/mount_snoop/mount_snoop_test.ts";
import "../../bpf/gadgets/off_cpu/off_cpu_test.ts";
import "../../bpf/gadgets/oom_kill/oom_kill_test.ts";
import "../../bpf/gadgets/open_snoop/open_snoop_test.ts";
import "../../bpf/gadgets/run_queue_latency/run_queue_latency_test.ts";
import "../../bpf/gadgets/setuid_changes/setuid_changes_test.ts";
import "../../bpf/gadgets/signal_snoop/signal_snoop_test.ts";
import "../../bpf/gadgets/syscall_latency/syscall_latency_test.ts";
import "../../bpf/gadgets/tcp_connect/tcp_connect_test.ts";
import "../../bpf/gadgets/tcp_drop/tcp_drop_test.ts";
import "../../bpf/gadgets/tcp_life/tcp_life_test.ts";
import "../../bpf/gadgets/tcp_retransmit/tcp_retransmit_test.ts";
import "../../bpf/gadgets/trace_errors/trace_errors_test.ts";
