// Which gadget must work on which kernel, and how many tests it has, written down by hand. A gadget
// without `needs` works on every kernel of the matrix; `needs` is a row of features.ts.
import type { Feature } from "./features.ts";

export interface GadgetRow {
  /** Tests of bpf/gadgets/NAME/NAME_test.ts; they have no steps. */
  readonly tests: number;
  /** What the kernel must have; without it the gadget is refused. */
  readonly needs?: Feature;
  readonly refusal?: {
    readonly code: string;
    /** Part of the error: why, and what to do instead. */
    readonly says: RegExp;
  };
}

export const gadgetRows = {
  bind_snoop: { tests: 4 },
  block_latency: { tests: 2 },
  block_top: { tests: 3 },
  bpf_activity: { tests: 4 },
  capability_checks: {
    tests: 2,
    needs: "cap_capable",
    refusal: { code: "feature_missing", says: /it needs Linux 6\.14/ },
  },
  dns_snoop: { tests: 4 },
  exec_snoop: { tests: 2 },
  exit_snoop: { tests: 4 },
  file_deletes: { tests: 3 },
  file_latency: { tests: 3 },
  file_top: { tests: 4 },
  irq_latency: { tests: 2 },
  kernel_module_loads: {
    tests: 3,
    needs: "modules",
    refusal: { code: "feature_missing", says: /lacks the tracepoints module:module_load/ },
  },
  memory_growth: { tests: 5 },
  mount_snoop: { tests: 2 },
  off_cpu: { tests: 4 },
  oom_kill: { tests: 1 },
  open_snoop: { tests: 3 },
  packet_count: {
    tests: 4,
    needs: "tcx",
    refusal: { code: "feature_missing", says: /it needs Linux 6\.6.*tcp_life counts/ },
  },
  page_faults: { tests: 3 },
  process_top: { tests: 4 },
  profile: { tests: 2 },
  ptrace_snoop: { tests: 3 },
  run_queue_latency: { tests: 4 },
  setuid_changes: { tests: 4 },
  shell_lines: { tests: 4 },
  signal_snoop: { tests: 3 },
  syscall_latency: { tests: 3 },
  tcp_connect: { tests: 4 },
  tcp_drop: {
    tests: 2,
    needs: "drop_reasons",
    refusal: { code: "feature_missing", says: /it needs Linux 5\.17/ },
  },
  tcp_life: { tests: 5 },
  tcp_retransmit: { tests: 3 },
  tcp_rtt: { tests: 2 },
  tcp_top: { tests: 5 },
  trace_errors: { tests: 6 },
} as const satisfies Record<string, GadgetRow>;

export type GadgetName = keyof typeof gadgetRows;

/**
 * Which of the gadgets' tests run. A guest is slow: there the first of each, which counts exactly
 * beside a twin, unless the gadgets alone were asked for (`--only matrix-gadgets`), or one of them
 * (`--gadget NAME`).
 */
export type GadgetTests = "every" | "first" | GadgetName;

export function isGadgetName(name: string): name is GadgetName {
  return Object.hasOwn(gadgetRows, name);
}

/** In this process: as the matrix says, or every one. */
export function gadgetTestsHere(): GadgetTests {
  const named = Deno.env.get("MATRIX_GADGETS") ?? "every";
  return named === "first" || isGadgetName(named) ? named : "every";
}

/** Of tests/matrix/gadgets_test.ts. */
export function gadgetTestCount(which: GadgetTests): number {
  const rows = Object.values(gadgetRows);
  if (which === "first") return rows.length;
  if (which === "every") return rows.reduce((sum, { tests }) => sum + tests, 0);
  return gadgetRows[which].tests;
}
