// A process of its own for one measurement: prints the milliseconds that the index took.
import { Btf } from "../../src/btf/btf.ts";
import { say } from "../say.ts";

const bytes = Deno.readFileSync("/sys/kernel/btf/vmlinux");
const started = performance.now();
const btf = Btf.parse(bytes);
const [id] = btf.find("task_struct", "struct");
const elapsed = performance.now() - started;
if (id === undefined) throw new Error("vmlinux BTF has no struct task_struct");
say(elapsed.toFixed(3));
