// list_bpf_program_types and list_bpf_map_types as a client sees them, on this host and on poorer
// ones.
import assert from "node:assert/strict";
import * as z from "zod";
import { type Arguments, McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { requireError, validation } from "../support/refusals.ts";

const MOST_BYTES = 8192;

const frame = {
  total: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
  nearest: z.array(z.string()).optional(),
  missing: z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() })),
};
const verdict = { name: z.string(), accepted: z.boolean().nullable(), why: z.string().optional() };
const programType = z.looseObject({
  ...verdict,
  sections: z.array(z.string()),
  context: z.object({ program: z.string(), kernel: z.string() }).optional(),
  attach_types: z.array(z.looseObject({ ...verdict, link: z.boolean().nullable() })),
});
const call = z.looseObject({ ...verdict, id: z.int(), condition: z.string().optional() });
const programTypes = z.looseObject({
  program_types: z.array(programType).optional(),
  helpers: z.array(call).optional(),
  kfuncs: z.array(call).optional(),
  ...frame,
});
const mapType = z.looseObject({
  ...verdict,
  key_bytes: z.string().optional(),
  value_bytes: z.string().optional(),
  max_entries: z.string().optional(),
  needs: z.array(z.string()).optional(),
  flags_needed: z.array(z.string()).optional(),
  can_be_inner: z.boolean().nullable().optional(),
});
const mapTypes = z.looseObject({ map_types: z.array(mapType), ...frame });

const programs = (session: McpSession, args: Arguments = {}) =>
  session.ask(programTypes, "list_bpf_program_types", args);
const maps = (session: McpSession, args: Arguments = {}) =>
  session.ask(mapTypes, "list_bpf_map_types", args);
const viewer = { args: ["--role", "viewer"] };

kernelTest("both lists go page by page through everything, each page within 8 KB", async () => {
  await using session = await McpSession.start(viewer);
  for (const tool of ["list_bpf_program_types", "list_bpf_map_types"]) {
    const names: string[] = [];
    let cursor: string | null = null;
    let total = 0;
    do {
      const args: Arguments = cursor === null ? {} : { cursor };
      const { content: [{ text }], structuredContent } = await session.call(tool, args);
      assert.ok(new TextEncoder().encode(text).length <= MOST_BYTES, `${tool}: ${text.length}`);
      const page = z.looseObject(frame).parse(structuredContent);
      const rows = z.array(z.looseObject({ name: z.string() }))
        .parse(page.program_types ?? page.map_types);
      assert.equal(page.truncated, page.next_cursor !== null);
      names.push(...rows.map(({ name }) => name));
      ({ total, next_cursor: cursor } = page);
    } while (cursor !== null);
    assert.equal(names.length, total);
    assert.equal(new Set(names).size, total, "nothing twice");
    assert.ok(total >= 32, tool);
  }
});

kernelTest("list_bpf_program_types describes xdp as libbpf and BTF do", async () => {
  await using session = await McpSession.start(viewer);
  const { program_types, total } = await programs(session, { pattern: "^xdp$" });
  assert.equal(total, 1);
  const [xdp] = program_types ?? [];
  assert.equal(xdp?.accepted, true);
  assert.deepEqual(xdp?.context, { program: "struct xdp_md", kernel: "struct xdp_buff" });
  assert.ok(xdp?.sections.includes("xdp.frags/devmap"));
  assert.ok(xdp?.attach_types.some(({ name }) => name === "xdp_devmap"));
});

kernelTest("list_bpf_program_types lists helpers and kfuncs of one type", async () => {
  await using session = await McpSession.start(viewer);
  const { helpers } = await programs(session, { helpers_for: "xdp", limit: 1000 });
  const taken = (helpers ?? []).filter(({ accepted }) => accepted === true);
  assert.ok(taken.some(({ name, id }) => name === "bpf_xdp_adjust_head" && id === 44));
  assert.ok(!taken.some(({ name }) => name === "bpf_skb_store_bytes"));
  const printk = helpers?.find(({ name }) => name === "bpf_trace_printk");
  assert.equal(printk?.accepted, null, "asking would turn an event on");
  const refused = await programs(session, {
    helpers_for: "xdp",
    accepted: false,
    pattern: "bpf_skb_*",
  });
  assert.ok(refused.helpers?.every(({ accepted, why }) => accepted === false && why !== undefined));
  assert.ok(refused.helpers?.some(({ name }) => name === "bpf_skb_store_bytes"));
  const bind = await programs(session, { helpers_for: "cgroup_sock_addr", pattern: "bpf_bind" });
  assert.match(bind.helpers?.[0]?.condition ?? "", /only with attach type cgroup_inet4_connect/);
  const { kfuncs, missing } = await programs(session, { kfuncs_for: "xdp", pattern: "dynptr" });
  if (missing.length > 0) assert.match(missing[0]?.why ?? "", /does not mark/);
  else assert.ok(kfuncs?.some(({ name }) => name === "bpf_dynptr_from_xdp"));
});

kernelTest("list_bpf_program_types says what is wrong with what is asked", async () => {
  await using session = await McpSession.start(viewer);
  const tool = "list_bpf_program_types";
  const unknown = await session.refusal(tool, { helpers_for: "xpd" });
  requireError(unknown, validation("invalid_arguments"));
  assert.match(unknown.message, /no such program type; did you mean "xdp"\?/);
  const both = await session.refusal(tool, { helpers_for: "xdp", kfuncs_for: "xdp" });
  assert.match(both.message, /give helpers_for or kfuncs_for/);
  const stale = await programs(session, { limit: 1 });
  const wrong = { cursor: stale.next_cursor, pattern: "sk", limit: 1 };
  const cursor = await session.refusal(tool, wrong);
  requireError(cursor, validation("invalid_cursor"));
  const nothing = await programs(session, { pattern: "xpd" });
  assert.equal(nothing.total, 0);
  assert.ok(nothing.nearest?.includes("xdp"));
});

kernelTest("list_bpf_map_types tells sizes and flags that maps are then created with", async () => {
  await using session = await McpSession.start(viewer);
  const { map_types } = await maps(session, { pattern: "/^(array|lpm_trie|ringbuf|queue)$/" });
  const by = new Map(map_types.map((row) => [row.name, row]));
  assert.equal(by.get("array")?.key_bytes, "4");
  assert.equal(by.get("array")?.value_bytes, "1 or more");
  assert.deepEqual(by.get("lpm_trie")?.flags_needed, ["BPF_F_NO_PREALLOC"]);
  assert.equal(by.get("lpm_trie")?.key_bytes, "5..260");
  assert.equal(by.get("ringbuf")?.key_bytes, "0");
  assert.equal(by.get("queue")?.key_bytes, "0");
  const storage = (await maps(session, { pattern: "^task_storage$" })).map_types[0];
  if (storage?.accepted === true) assert.deepEqual(storage.needs, ["btf"]);
});

/** Runs the server where sysfs shows no BTF, and without what asking the kernel for it takes. */
const withoutBtf = [
  ...["unshare", "--mount", "sh", "-c"],
  "mount -t tmpfs none /sys/kernel/btf && " +
  'exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$@"',
  "sh",
];

kernelTest("both lists give what remains without BTF, and name what is lost", async () => {
  await using session = await McpSession.start({ ...viewer, wrapper: withoutBtf });
  const all = await programs(session, { pattern: "/^(xdp|tracing|kprobe)$/" });
  assert.match(all.missing[0]?.remedy ?? "", /CONFIG_DEBUG_INFO_BTF/);
  const by = new Map(all.program_types?.map((row) => [row.name, row]));
  assert.equal(by.get("xdp")?.accepted, true);
  assert.equal(by.get("xdp")?.context, undefined);
  assert.equal(by.get("tracing")?.attach_types.every(({ accepted }) => accepted === null), true);
  const { helpers } = await programs(session, { helpers_for: "xdp", pattern: "bpf_xdp" });
  assert.ok(helpers?.some(({ name }) => name === "bpf_xdp_adjust_head"));
  const { kfuncs, missing } = await programs(session, { kfuncs_for: "xdp" });
  assert.deepEqual(kfuncs, []);
  assert.match(missing[0]?.why ?? "", /BTF/);
  const structOps = (await maps(session, { pattern: "struct_ops" })).map_types[0];
  assert.equal(structOps?.accepted, true);
  assert.deepEqual(structOps?.needs, ["btf", "kernel_struct"]);
});

/** Somebody who may do nothing, and another user namespace's root, who may seem to do all. */
const poor = [
  ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"],
  ["unshare", "--user", "--map-root-user"],
] as const;

kernelTest(
  "both lists say of each type that it could not be tried, to who may nothing",
  async () => {
    for (const wrapper of poor) {
      await using session = await McpSession.start({ ...viewer, wrapper });
      const { program_types, missing } = await programs(session, { pattern: "^xdp" });
      assert.equal(program_types?.[0]?.accepted, null, wrapper.join(" "));
      assert.match(program_types?.[0]?.why ?? "", /CAP_BPF/);
      assert.match(missing[0]?.remedy ?? "", /run as root, or with .*CAP_BPF/);
      assert.deepEqual(program_types?.[0]?.sections.includes("xdp"), true, "what needs no kernel");
      const lost = await programs(session, { helpers_for: "xdp" });
      assert.deepEqual(lost.helpers, []);
      assert.match(lost.missing[0]?.what ?? "", /helpers that xdp programs may call/);
      assert.match(lost.missing[0]?.remedy ?? "", /CAP_BPF, CAP_NET_ADMIN/);
      assert.equal((await maps(session, { pattern: "^hash$" })).map_types[0]?.accepted, null);
    }
  },
);
