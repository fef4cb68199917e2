// Kernels that refuse something, and what the checks must say of it.
import type { Fault } from "./fault.ts";
import { facts, feature } from "./sound_facts.ts";

const types = (count: number, accepted: boolean | null) => {
  return Array.from({ length: count }, (_, index) => feature(`type_${index}`, accepted));
};

export const refusals: readonly Fault[] = [
  {
    given: "no BTF",
    facts: facts({ btf: { vmlinuxBytes: null, modules: 0 } }, {}, { hasBtf: false }),
    name: "btf",
    status: "missing",
    found: /vmlinux cannot be read$/,
    costs: /no CO-RE.*; types and prototypes cannot be listed/,
  },
  {
    given: "BTF by its id alone",
    facts: facts({ btf: { vmlinuxBytes: null, modules: 0 } }),
    name: "btf",
    status: "degraded",
    found: /cannot be read, but the kernel gives its types by their id$/,
    costs: /no CO-RE.*LSM or iterators$/,
    repair: "mount -t sysfs sysfs /sys",
  },
  {
    given: "types that the kernel refuses",
    facts: facts({}, {}, { programTypes: [feature("xdp"), feature("lsm", false)] }),
    name: "program_types",
    status: "degraded",
    found: /^1 of 2 taken; refused: lsm$/,
    costs: /list_bpf_program_types/,
  },
  {
    given: "types that cannot be tried",
    facts: facts({}, {}, { mapTypes: [feature("hash", null)] }),
    name: "map_types",
    status: "missing",
    found: /^0 of 1 taken; cannot be told: hash$/,
    costs: /list_bpf_map_types/,
  },
  {
    given: "a long list that cannot be tried at all",
    facts: facts({}, {}, { programTypes: types(32, null) }),
    name: "program_types",
    status: "missing",
    found: /^0 of 32 taken; cannot be told: all of 32$/,
    costs: /list_bpf_program_types/,
  },
  {
    given: "a long list of which most are refused",
    facts: facts({}, {}, { mapTypes: [...types(30, false), feature("hash")] }),
    name: "map_types",
    status: "degraded",
    found: /^1 of 31 taken; refused: type_0, .*, type_7 and 22 more$/,
    costs: /list_bpf_map_types/,
  },
  {
    given: "fentry in their place",
    facts: facts({}, { probes: { kprobe: false, uprobe: true } }),
    name: "kprobes",
    status: "missing",
    found: /devices\/kprobe is not there$/,
    costs: /^no kprobes: use tracepoints or fentry$/,
  },
  {
    given: "no fentry either",
    facts: facts({}, { probes: { kprobe: false, uprobe: true } }, {
      attachTypes: [feature("trace_fentry", false)],
    }),
    name: "kprobes",
    status: "missing",
    found: /kprobe is not there/,
    costs: /^no kprobes: use tracepoints$/,
  },
  {
    given: "a kernel that refuses it",
    facts: facts({}, {}, { attachTypes: [feature("trace_fentry", false)] }),
    name: "fentry",
    status: "missing",
    found: /^refused$/,
    costs: /^no fentry and fexit: use kprobes$/,
  },
  {
    given: "a process that may not try it",
    facts: facts({}, { probes: { kprobe: false, uprobe: true } }, {
      attachTypes: [feature("trace_fentry", null)],
    }),
    name: "fentry",
    status: "degraded",
    found: /^refused$/,
    costs: /use tracepoints$/,
  },
  {
    given: "a kernel that does not know it",
    facts: facts({}, {}, { attachTypes: [] }),
    name: "fentry",
    status: "missing",
    found: /does not know it/,
    costs: /use kprobes$/,
  },
  {
    given: "none in this kernel",
    facts: facts({}, { probes: { kprobe: true, uprobe: false } }),
    name: "uprobes",
    status: "missing",
    found: /uprobe is not there/,
    costs: /no USDT/,
  },
];
