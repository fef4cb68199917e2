// What this host is, as far as it decides what BPF can do here.
import * as z from "zod";
import { defineTool } from "./define_tool.ts";
import { describeSystem, systemAnswer } from "./describe_system.ts";

export const systemInfo = defineTool({
  name: "system_info",
  title: "Describe the host",
  doc: "Kernel, architecture, CPUs, BTF, libbpf, this process's capabilities and limits, " +
    "lockdown, JIT and BPF settings, and where bpffs, tracefs and cgroup2 are mounted. What " +
    "cannot be read is null.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "none", kernel: "4.18" },
  maxTimeMs: 5_000,
  input: z.strictObject({}),
  output: systemAnswer,
  run(_, { host }) {
    return describeSystem(host.system());
  },
});
