// attach_program and what cannot be attached: refused before the kernel where we can know, with
// the kernel's errno where only it can. No row attaches anything.
import assert from "node:assert/strict";
import { type Arguments, McpSession } from "../support/client.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { heldBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import {
  checkRefusals,
  type Expected,
  kernel,
  resource,
  type Row,
  validation,
} from "../support/refusals.ts";
import { Trigger } from "../support/trigger.ts";

const invalid = validation("invalid_arguments");
const lastPid = 4_194_304;
const hz = { frequency: 100 };

/** Every hook, the program of `attach_kinds` that fits it, and what its type is called. */
const hooks = [
  ["on_tracepoint", "tracepoint", { type: "tracepoint", group: "syscalls", name: "absent" }],
  ["on_raw_tracepoint", "raw_tracepoint", { type: "raw_tracepoint", name: "absent" }],
  ["on_tp_btf", "tracing", { type: "raw_tracepoint", name: "absent" }],
  ["on_uprobe", "kprobe", { type: "uprobe", path: "/absent", offset: 0 }],
  ["on_uretprobe", "kprobe", { type: "uretprobe", path: "/absent", offset: 0 }],
  ["on_perf_event", "perf_event", { type: "perf_event", event: "cpu_clock", ...hz }],
  ["on_xdp", "xdp", { type: "xdp", interface: "absent0" }],
  ["on_tc", "sched_cls", { type: "tcx", interface: "absent0", direction: "ingress" }],
  ["on_cgroup_egress", "cgroup_skb", { type: "cgroup", path: "/absent", attach_type: "egress" }],
  ["on_connect4", "cgroup_sock_addr", {
    type: "cgroup",
    path: "/absent",
    attach_type: "connect4",
  }],
] as const;

/** Rows for the loaded `attach_kinds`. */
class Attempts {
  readonly #ids: ReadonlyMap<string, number>;

  constructor(programs: readonly { name: string; program_id: number }[]) {
    this.#ids = new Map(programs.map(({ name, program_id }) => [name, program_id]));
  }

  row(what: string, program: string, attachment: Arguments, expected: Expected): Row {
    const program_id = this.#ids.get(program);
    assert.ok(program_id !== undefined, program);
    return { what, tool: "attach_program", args: { program_id, attachment }, expected };
  }

  /** Every program on every hook of another type: both are named. */
  mismatches(): Row[] {
    return hooks.flatMap(([program, type]) => {
      const others = hooks.filter(([, other, { type: hook }]) => {
        return other !== type && !(hook === "raw_tracepoint" && type.includes("trac"));
      });
      return others.map(([, , attachment]) => {
        const says = new RegExp(`it is a ${type} program, ${attachment.type}`);
        return this.row(
          `${program} on ${Object.values(attachment).join(" ")}`,
          program,
          attachment,
          validation("attachment_mismatch", { says, context: { program, program_type: type } }),
        );
      });
    });
  }

  /** Programs that were loaded for another hook of the same type, or for none. */
  wrongSections(group: TestCgroup): Row[] {
    const mismatch = (section: string) =>
      validation("attachment_mismatch", { says: /section|loaded for/, context: { section } });
    const connect6 = { type: "cgroup", path: group.path, attach_type: "connect6" };
    const other = { type: "raw_tracepoint", name: "sched_switch" };
    const auto = { type: "auto" };
    return [
      this.row("connect4 as connect6", "on_connect4", connect6, mismatch("cgroup/connect4")),
      this.row("another BTF tracepoint", "on_tp_btf", other, mismatch("tp_btf/sys_enter")),
      this.row("uprobe without a place", "on_uprobe", auto, mismatch("uprobe")),
      this.row("perf_event without an event", "on_perf_event", auto, mismatch("perf_event")),
      this.row("xdp without an interface", "on_xdp", auto, mismatch("xdp")),
      this.row("tc without an interface", "on_tc", auto, mismatch("tc")),
      this.row("cgroup without a path", "on_connect4", auto, mismatch("cgroup/connect4")),
    ];
  }

  tracepoints(): Row[] {
    const named = (group: string, name: string) => ({ type: "tracepoint", group, name });
    const missing = kernel("link_attach_failed", { errno: "ENOENT", says: /absent/ });
    return [
      this.row("an unknown tracepoint", "on_tracepoint", named("syscalls", "absent"), missing),
      this.row("an unknown group", "on_tracepoint", named("absent", "sys_enter"), missing),
      this.row("a group that is a path", "on_tracepoint", named("../x", "y"), invalid),
      this.row(
        "an unknown raw tracepoint",
        "on_raw_tracepoint",
        { type: "raw_tracepoint", name: "absent" },
        missing,
      ),
    ];
  }

  uprobes({ path }: Trigger): Row[] {
    const at = (rest: Arguments) => ({ type: "uprobe", path, symbol: "trigger_work", ...rest });
    const failed = (errno: string) => kernel("link_attach_failed", { errno });
    const missing = resource("file_not_found", { errno: "ENOENT" });
    const folder = validation("not_a_regular_file", { context: { kind: "directory" } });
    const row = (what: string, rest: Arguments, expected: Expected) =>
      this.row(what, "on_uprobe", at(rest), expected);
    return [
      row("an unknown symbol", { symbol: "absent" }, failed("ENOENT")),
      row("a missing executable", { path: "/absent" }, missing),
      row("a missing library", { path: "libabsent.so" }, failed("ENOENT")),
      row("a file that is no ELF", { path: "/etc/passwd" }, failed("LIBBPF_ERRNO__FORMAT")),
      row("a folder", { path: "/etc", symbol: undefined, offset: 1 }, folder),
      row(
        "an offset beyond the file",
        { symbol: undefined, offset: 2 ** 53 - 1 },
        failed("EINVAL"),
      ),
      row("an offset of 2^53", { offset: 2 ** 53 }, invalid),
      row("a negative offset", { offset: -1 }, invalid),
      row("neither symbol nor offset", { symbol: undefined }, invalid),
      row("a pid that nobody has", { pid: lastPid }, failed("ESRCH")),
      row("a pid beyond those there can be", { pid: lastPid + 1 }, invalid),
    ];
  }

  perfEvents(): Row[] {
    const clock = { type: "perf_event", event: "cpu_clock" };
    const failed = (errno: string) => kernel("link_attach_failed", { errno });
    const row = (what: string, rest: Arguments, expected: Expected) =>
      this.row(what, "on_perf_event", { ...clock, ...rest }, expected);
    return [
      row("neither period nor frequency", {}, invalid),
      row("period and frequency", { period: 1, frequency: 1 }, invalid),
      row("an unknown event", { event: "absent", ...hz }, invalid),
      row("a CPU that is not there", { cpu: 8191, ...hz }, failed("EINVAL")),
      row("a CPU beyond those there can be", { cpu: 8192, ...hz }, invalid),
      row("a pid that nobody has", { pid: lastPid, ...hz }, failed("ESRCH")),
      row("a period of zero", { period: 0 }, invalid),
      row("a frequency above the limit", { frequency: 100_001 }, invalid),
    ];
  }

  places(group: TestCgroup): Row[] {
    const noInterface = resource("interface_not_found", { errno: "ENODEV" });
    const xdp = (rest: Arguments) => ({ type: "xdp", interface: "absent0", ...rest });
    const tcx = { type: "tcx", interface: "absent0", direction: "egress" };
    const cgroup = (path: string) => ({ type: "cgroup", path, attach_type: "connect4" });
    const missing = resource("file_not_found", { errno: "ENOENT" });
    const noCgroup = kernel("link_attach_failed", { errno: "EBADF" });
    return [
      this.row("XDP on no interface", "on_xdp", xdp({}), noInterface),
      this.row("an interface that is a path", "on_xdp", xdp({ interface: "a/b" }), invalid),
      this.row("an unknown XDP mode", "on_xdp", xdp({ mode: "skb" }), invalid),
      this.row("tcx on no interface", "on_tc", tcx, noInterface),
      this.row("a missing cgroup", "on_connect4", cgroup(`${group.path}/absent`), missing),
      this.row("a folder that is no cgroup", "on_connect4", cgroup("/etc"), noCgroup),
      this.row("a file of a cgroup", "on_connect4", cgroup(`${group.path}/cgroup.procs`), invalid),
      this.row("a hook that does not exist", "on_xdp", { type: "kprobe", name: "x" }, invalid),
      this.row("a hook of no type", "on_xdp", {}, invalid),
    ];
  }
}

kernelTest("attach_program refuses what does not fit and what is not there", async (t) => {
  await using group = await TestCgroup.make();
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: ["--role", "operator", "--objects", "/"] });
  const { programs } = await session.load(await buildObject("attach_kinds"));
  const attempts = new Attempts(programs);
  const rows = [
    ...attempts.mismatches(),
    ...attempts.wrongSections(group),
    ...attempts.tracepoints(),
    ...attempts.uprobes(trigger),
    ...attempts.perfEvents(),
    ...attempts.places(group),
  ];
  await checkRefusals(t, session, rows);
  assert.deepEqual(heldBy(session.pid).links, [], "nothing was attached on the way");
});
