// What each tool still says on a host that lacks something, and which remedies it names: written
// down by hand, for deprived_test.ts.
import {
  withoutBtf,
  withoutBtfFiles,
  withoutCapabilities,
  withoutRoot,
  withoutSymbols,
  withoutTracefs,
} from "./deprivation.ts";

export interface Expected {
  /** What the answer has, where it is not what the whole host's answer has. */
  readonly remains?: readonly RegExp[];
  /** What is missing beyond what the whole host lacks, and the remedy for it. */
  readonly missing?: readonly (readonly [what: RegExp, remedy: RegExp])[];
  /** What may be missing too, by what else runs on the host. */
  readonly possible?: readonly (readonly [what: RegExp, remedy: RegExp])[];
  /** The error instead of an answer. */
  readonly refused?: readonly RegExp[];
}

export interface Deprivation {
  readonly name: string;
  readonly wrapper: readonly string[];
  /** The tools that answer differently; every other one answers as on the whole host. */
  readonly tools: Readonly<Record<string, Expected>>;
  /** The checks of system_info that it changes, with the command that repairs it. */
  readonly checks: Readonly<Record<string, readonly [status: string, repair: RegExp | null]>>;
}

const admin = /CAP_SYS_ADMIN in the initial user namespace/;
const listed = ["programs", "links", "maps"].map((what) => {
  return [new RegExp(`^${what}$`), admin] as const;
});
const queries = [
  [/^tcx, netkit, flow_dissector and sk_lookup programs$/, /CAP_NET_ADMIN and CAP_BPF/],
  [/^programs of control groups .* without a link$/, /CAP_NET_ADMIN and CAP_BPF/],
] as const;
const otherNamespaces = [/^hooks in \d+ of \d+ network namespaces$/, admin] as const;
const perfEvents = [/^programs on \d+ perf events that have no link$/, admin] as const;
const tracefs = /mount -t tracefs \S+ \/sys\/kernel\/tracing/;
const rawTracepoints: Expected = {
  remains: [/"name":"sched_switch","category":null/],
  missing: [[/^tracefs: categories, ids, arguments/, tracefs]],
};
const noIds: Deprivation["tools"] = {
  inspect_hooks: {
    remains: [/"hooks":\[/],
    missing: [otherNamespaces, ...listed],
    possible: [perfEvents],
  },
  inspect_state: { remains: [/"session":\{"items":\[\]/], missing: listed },
  map_dump: { refused: [/"code":"not_permitted"/, admin] },
};
const noAddresses = [/^addresses$/, /CAP_SYSLOG/] as const;
const withBtf = /CONFIG_DEBUG_INFO_BTF=y/;
const libbpfWantsBtf: Expected = { refused: [/"code":"object_load_failed"/, /BTF is missing/] };
const wantsBtf: Expected = { remains: [/"can_run":false/, /this kernel has no BTF/] };
const wantsCapability: Expected = { remains: [/"can_run":false/, /this process lacks CAP_/] };
const mayNotLoad: Expected = {
  refused: [/"category":"permission"/, /loading needs root, or CAP_BPF with CAP_PERFMON/],
};
/** Program types that cannot be tried; the list is whole all the same. */
const untriedPrograms = (count: string, capability: string): Expected => ({
  remains: [/"name":"socket_filter","number":1,/, /"total":3\d/],
  missing: [[
    new RegExp(`^whether this kernel takes ${count} of 3\\d program types$`),
    new RegExp(`^run as root, or with .*${capability}`),
  ]],
});
const untriedMaps = (capability: string): Expected => ({
  remains: [/"name":"hash","number":1,/, /"total":3\d/],
  missing: [[/^whether this kernel takes \d+ of 3\d map types$/, new RegExp(capability)]],
});

const mountDeprivations: readonly Deprivation[] = [
  {
    name: "tracefs",
    wrapper: withoutTracefs,
    tools: {
      list_tracepoints: rawTracepoints,
      list_gadgets: { remains: [/"can_run":false/, tracefs] },
      run_gadget: { refused: [/"code":"link_attach_failed"/, tracefs] },
    },
    checks: { tracefs: ["missing", tracefs], namespaces: ["degraded", null] },
  },
  {
    name: "the files of BTF, which root gets by its id",
    wrapper: withoutBtfFiles,
    tools: { list_gadgets: wantsBtf, run_gadget: libbpfWantsBtf },
    checks: { btf: ["degraded", /mount -t sysfs/] },
  },
  {
    name: "BTF",
    wrapper: withoutBtf,
    tools: {
      ...noIds,
      list_kernel_functions: {
        remains: [/"name":"vfs_read",.*"prototype":null,"address":"0x[1-9a-f]/],
        missing: [[/^prototypes, and which functions fentry and fexit can take$/, withBtf]],
      },
      get_btf_types: { refused: [/"code":"feature_missing"/, withBtf] },
      list_bpf_program_types: {
        remains: [/"name":"socket_filter",.*"accepted":true/, /"total":3\d/],
        missing: [[/^context types, kernel functions, and whether tracing/, withBtf]],
      },
      list_gadgets: wantsBtf,
      run_gadget: libbpfWantsBtf,
    },
    checks: { btf: ["missing", null] },
  },
  {
    name: "kallsyms",
    wrapper: withoutSymbols,
    tools: {
      list_kernel_functions: {
        remains: [/"name":"vfs_read","module":"vmlinux",.*"prototype":"ssize_t vfs_read\(/],
        missing: [[/^functions without BTF, addresses/, /as root/], noAddresses],
      },
    },
    checks: { kptr_restrict: ["missing", null] },
  },
];

const capabilityDeprivations: readonly Deprivation[] = [
  {
    name: "CAP_SYS_ADMIN",
    wrapper: withoutCapabilities("CAP_SYS_ADMIN"),
    tools: noIds,
    checks: { capabilities: ["degraded", null] },
  },
  {
    name: "CAP_BPF, and CAP_SYS_ADMIN, which stands for it",
    wrapper: withoutCapabilities("CAP_SYS_ADMIN", "CAP_BPF"),
    tools: {
      ...noIds,
      list_bpf_program_types: untriedPrograms("3\\d", "CAP_BPF"),
      list_bpf_map_types: untriedMaps("CAP_BPF"),
      list_gadgets: wantsCapability,
      load_program: mayNotLoad,
      run_gadget: mayNotLoad,
    },
    checks: { capabilities: ["missing", null], program_types: ["missing", null] },
  },
  {
    name: "CAP_PERFMON, and CAP_SYS_ADMIN, which stands for it",
    wrapper: withoutCapabilities("CAP_SYS_ADMIN", "CAP_PERFMON"),
    tools: {
      ...noIds,
      list_bpf_program_types: untriedPrograms("\\d+", "CAP_PERFMON"),
      list_gadgets: wantsCapability,
      load_program: mayNotLoad,
      run_gadget: mayNotLoad,
    },
    checks: {
      capabilities: ["missing", null],
      perf_event_paranoid: ["degraded", /sysctl -w kernel\.perf_event_paranoid=-1/],
    },
  },
  {
    name: "CAP_NET_ADMIN, and CAP_SYS_ADMIN, which stands for it",
    wrapper: withoutCapabilities("CAP_SYS_ADMIN", "CAP_NET_ADMIN"),
    tools: {
      ...noIds,
      list_bpf_program_types: untriedPrograms("\\d+", "CAP_NET_ADMIN"),
      list_bpf_map_types: untriedMaps("CAP_NET_ADMIN"),
      inspect_hooks: {
        remains: [/"hooks":\[/],
        missing: [otherNamespaces, ...queries, ...listed],
        possible: [perfEvents],
      },
    },
    checks: { capabilities: ["degraded", null] },
  },
  ...["CAP_NET_ADMIN", "CAP_BPF", "CAP_PERFMON"].map((name) => ({
    name: `${name} alone`,
    wrapper: withoutCapabilities(name),
    tools: {},
    checks: { program_types: ["degraded", null] as const },
  })),
  {
    name: "CAP_SYSLOG",
    wrapper: withoutCapabilities("CAP_SYSLOG"),
    tools: {
      list_kernel_functions: {
        remains: [/"name":"vfs_read","module":"vmlinux",.*"address":null/],
        missing: [noAddresses],
      },
    },
    checks: { capabilities: ["degraded", null], kptr_restrict: ["degraded", null] },
  },
  {
    name: "CAP_SYS_PTRACE",
    wrapper: withoutCapabilities("CAP_SYS_PTRACE"),
    tools: {},
    checks: { capabilities: ["degraded", null] },
  },
  {
    name: "CAP_DAC_READ_SEARCH and CAP_DAC_OVERRIDE",
    wrapper: withoutCapabilities("CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE"),
    tools: {
      inspect_state: { missing: [[/^pins$/, /as root, or as the user who owns them/]] },
    },
    checks: { tracefs: ["ok", null] },
  },
];

const ordinaryUser: Deprivation = {
  name: "root",
  wrapper: withoutRoot,
  tools: {
    list_tracepoints: {
      remains: [/"name":"sched_switch","category":null/],
      missing: [[/^tracefs: categories/, /as root, or: mount -o remount,gid=GROUP,mode=750/]],
    },
    list_kernel_functions: {
      remains: [/"name":"vfs_read","module":"vmlinux",.*"prototype":"ssize_t vfs_read\(/],
      missing: [noAddresses],
    },
    list_bpf_program_types: untriedPrograms("3\\d", "CAP_BPF"),
    list_bpf_map_types: untriedMaps("CAP_BPF"),
    inspect_hooks: {
      remains: [/"hooks":\[/],
      missing: [
        otherNamespaces,
        ...queries,
        ...listed,
        [/^owners$/, /as root, or .*CAP_SYS_PTRACE/],
        [/^network namespaces of \d+ processes/, /as root with CAP_SYS_PTRACE/],
      ],
    },
    inspect_state: noIds.inspect_state ?? {},
    map_dump: noIds.map_dump ?? {},
    list_gadgets: wantsCapability,
    load_program: mayNotLoad,
    run_gadget: mayNotLoad,
  },
  checks: {
    capabilities: ["missing", /^setcap cap_bpf,cap_perfmon,.*\+ep \/mnt\//],
    tracefs: ["degraded", /mount -o remount,mode=755 \/sys\/kernel\/tracing/],
    kptr_restrict: ["degraded", null],
    program_types: ["missing", null],
  },
};

export const deprivations: readonly Deprivation[] = [
  ...mountDeprivations,
  ...capabilityDeprivations,
  ordinaryUser,
];
