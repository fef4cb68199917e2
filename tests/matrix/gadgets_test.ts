// The tests of every gadget, which stand beside it, as one file: in a guest each costs seconds.
import "../../bpf/gadgets/exec_snoop/exec_snoop_test.ts";
import "../../bpf/gadgets/tcp_connect/tcp_connect_test.ts";
import "../../bpf/gadgets/tcp_life/tcp_life_test.ts";
