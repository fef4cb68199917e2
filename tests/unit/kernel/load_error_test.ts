import assert from "node:assert/strict";
import { loadError, type LoadFailure, openError } from "../../../src/kernel/load_error.ts";

const EPERM = 1;
const ENOENT = 2;
const ESRCH = 3;
const ENOMEM = 12;
const EINVAL = 22;
const EOPNOTSUPP = 95;

const quiet: LoadFailure = {
  object: "tool",
  errno: EINVAL,
  verifierLog: "",
  lines: [],
  programs: [],
  maps: [],
};

interface Case {
  readonly what: string;
  readonly failure: Partial<LoadFailure>;
  /** What the message ends with. */
  readonly message: string;
  readonly hint: RegExp;
}

const cases: readonly Case[] = [
  {
    what: "an attach target that the kernel lacks",
    failure: {
      errno: ESRCH,
      lines: [
        "prog 'on_read': failed to find kernel BTF type ID of 'dummy_read': -3",
        "prog 'on_read': failed to prepare load attributes: -3",
        "prog 'on_read': failed to load: -3",
        "failed to load object 'tool'",
      ],
    },
    message: `Cannot load "on_read": ESRCH: failed to find kernel BTF type ID of 'dummy_read'`,
    hint: /"dummy_read" is not in this kernel's BTF.*programs/,
  },
  {
    what: "a symbol that the kernel lacks",
    failure: {
      errno: ESRCH,
      lines: ["extern 'CONFIG_X' (strong): not resolved", "failed to load object 'tool'"],
    },
    message: `Cannot load object "tool": ESRCH: extern 'CONFIG_X' (strong): not resolved`,
    hint: /no "CONFIG_X".*__weak/,
  },
  {
    what: "a kernel function that the kernel lacks",
    failure: {
      lines: ["extern (func ksym) 'bpf_new': not found in kernel or module BTFs"],
    },
    message:
      `Cannot load object "tool": EINVAL: extern (func ksym) 'bpf_new': not found in kernel or ` +
      `module BTFs`,
    hint: /no "bpf_new".*__weak/,
  },
  {
    what: "a section that libbpf does not know",
    failure: {
      lines: [
        "prog 'on_packet': missing BPF prog type, check ELF section name 'my_filter'",
        "prog 'on_packet': failed to load: -22",
      ],
    },
    message: `Cannot load "on_packet": EINVAL: missing BPF prog type, check ELF section name ` +
      `'my_filter'`,
    hint: /does not know the section "my_filter".*tracepoint\/GROUP\/NAME/,
  },
  {
    what: "a replacement without the program that it replaces",
    failure: {
      lines: [
        "prog 'replacement': attach program FD is not set",
        "prog 'replacement': failed to load: -22",
      ],
    },
    message: `Cannot load "replacement": EINVAL: attach program FD is not set`,
    hint: /freplace/,
  },
  {
    what: "a map whose size is left to its own program",
    failure: {
      lines: ["map 'stackmap': failed to create: Invalid argument(-22)"],
      maps: [
        { name: "stackmap", type: 7, keyBytes: 4, valueBytes: 0, maxEntries: 0 },
        { name: "events", type: 4, keyBytes: 4, valueBytes: 4, maxEntries: 0 },
        { name: "counts", type: 1, keyBytes: 4, valueBytes: 8, maxEntries: 0 },
        { name: "sized", type: 1, keyBytes: 4, valueBytes: 8, maxEntries: 10 },
      ],
    },
    message: `Cannot load object "tool": EINVAL: map "stackmap" (stack_trace) has ` +
      `value_size 0, max_entries 0`,
    hint: /map_sizes, such as {"stackmap":64,"counts":64}$/,
  },
  {
    what: "a map for which there is no memory",
    failure: {
      errno: ENOMEM,
      lines: ["map 'counts': failed to create: Cannot allocate memory(-12)"],
      maps: [{ name: "counts", type: 1, keyBytes: 4, valueBytes: 8, maxEntries: 1 << 30 }],
    },
    message: `Cannot load object "tool": ENOMEM: map 'counts': failed to create: Cannot allocate ` +
      `memory`,
    hint: /no room for 1073741824 elements in map "counts".*map_sizes/,
  },
  {
    what: "a map that has its sizes",
    failure: {
      lines: [
        "Error in bpf_create_map_xattr(new):Invalid argument(-22). Retrying without BTF.",
        "map 'new': failed to create: Invalid argument(-22)",
      ],
      maps: [{ name: "new", type: 99, keyBytes: 4, valueBytes: 8, maxEntries: 1 }],
    },
    message: `Cannot load object "tool": EINVAL: map 'new': failed to create: Invalid argument`,
    hint: /type_99.*key_size 4, value_size 8, max_entries 1/,
  },
];

for (const { what, failure, message, hint } of cases) {
  Deno.test(`loadError: names the cause of ${what}`, () => {
    const error = loadError({ ...quiet, ...failure });
    assert.equal(error.message, message);
    assert.match(error.context.hint ?? "", hint);
  });
}

Deno.test("loadError: leaves out the log of a program that the verifier accepted", () => {
  const error = loadError({
    ...quiet,
    errno: ESRCH,
    verifierLog: "processed 24 insns",
    lines: ["prog 'second': failed to find kernel BTF type ID of 'f': -3"],
    programs: [{ name: "first", section: "tc", verified: true }, {
      name: "second",
      section: "fentry/f",
      verified: false,
    }],
  });
  assert.equal(error.context.program, "second");
  assert.equal(error.context.section, "fentry/f");
  assert.equal(error.context.verifier_log, undefined);
});

Deno.test("loadError: says that the kernel refuses to patch functions", () => {
  const error = loadError({
    ...quiet,
    errno: EPERM,
    verifierLog: "processed 24 insns",
    lines: ["prog 'on_open': BPF program load failed: Operation not permitted"],
    programs: [{ name: "on_open", section: "lsm/file_open", verified: false }],
  });
  assert.equal(error.category, "permission");
  assert.match(error.context.hint ?? "", /lsm.*tracepoint/);
});

Deno.test("loadError: gives the verifier's last sentence and its log", () => {
  const error = loadError({
    ...quiet,
    errno: 13,
    verifierLog: "0: (95) exit\nR0 !read_ok\nprocessed 1 insns\n",
    lines: ["prog 'p': BPF program load failed: Permission denied"],
    programs: [{ name: "p", section: "xdp", verified: true }],
  });
  assert.equal(error.message, `Cannot load "p": EACCES: R0 !read_ok`);
  assert.match(error.context.verifier_log ?? "", /R0 !read_ok/);
});

Deno.test("loadError: says what licence a helper wants", () => {
  const error = loadError({
    ...quiet,
    verifierLog: "cannot call GPL-restricted function from non-GPL compatible program.\n",
    lines: ["prog 'p': BPF program load failed: Invalid argument"],
  });
  assert.match(error.message, /non-GPL compatible program$/);
  assert.match(error.context.hint ?? "", /SEC\("license"\) = "GPL"/);
});

Deno.test("openError: says how maps are written since libbpf 1.0", () => {
  const error = openError("old", EOPNOTSUPP, [
    "elf: legacy map definitions in 'maps' section are not supported by libbpf v1.0+",
  ]);
  assert.equal(error.code, "object_open_failed");
  assert.match(error.message, /^Cannot open object "old": EOPNOTSUPP: elf: legacy map definitions/);
  assert.match(error.context.hint ?? "", /SEC\("\.maps"\)/);
});

Deno.test("openError: passes over what libbpf only mentions", () => {
  const error = openError("decoder", 4003, [
    "elf: skipping unrecognized data section(5) lirc_mode2/maps",
    "prog 'decoder': bad map relo against 'state_map' in section 'lirc_mode2/maps'",
  ]);
  assert.match(error.message, /: bad map relo against 'state_map' in section 'lirc_mode2\/maps'$/);
  assert.match(error.context.hint ?? "", /SEC\("lirc_mode2\/maps"\).*SEC\("\.maps"\)/);
});

Deno.test("openError: says that an object is one half of a linked one", () => {
  const error = openError("half", ENOENT, [
    "failed to find BTF for extern 'shared' [30] section: -2",
  ]);
  assert.match(error.context.hint ?? "", /"shared".*bpftool gen object/);
});

Deno.test("openError: has a hint whatever libbpf says", () => {
  const error = openError("odd", EINVAL, []);
  assert.equal(error.message, `Cannot open object "odd": EINVAL`);
  assert.match(error.context.hint ?? "", /clang/);
});
