// list_kernel_functions against kallsyms itself, read by awk, and against bpftool's prototypes.
import assert from "node:assert/strict";
import * as z from "zod";
import { run } from "../../scripts/command.ts";
import { type Arguments, McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { requireError, validation } from "../support/refusals.ts";

const large = { args: ["--role", "viewer", "--byte-budget", `${4 << 20}`] };

const row = z.strictObject({
  name: z.string(),
  module: z.string(),
  kprobe: z.boolean(),
  fentry: z.boolean(),
  fexit: z.boolean(),
  why_not: z.record(z.string(), z.string()).optional(),
  prototype: z.string().nullable().optional(),
  address: z.string().nullable().optional(),
});
const answer = z.looseObject({
  functions: z.array(row),
  total: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
  unavailable: z.record(z.string(), z.string()),
  reasons: z.record(z.string(), z.string()),
  nearest: z.array(z.string()).optional(),
  missing: z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() })),
});

const list = (session: McpSession, args: Arguments = {}) =>
  session.ask(answer, "list_kernel_functions", args);

/** Every page, to the end. */
async function all(session: McpSession, args: Arguments): Promise<z.infer<typeof row>[]> {
  const rows: z.infer<typeof row>[] = [];
  for (let cursor: string | null = null, pages = 0; pages < 1000; pages++) {
    const page: z.infer<typeof answer> = await list(
      session,
      cursor === null ? args : { ...args, cursor },
    );
    rows.push(...page.functions);
    cursor = page.next_cursor;
    if (cursor === null) {
      assert.equal(rows.length, page.total);
      return rows;
    }
  }
  assert.fail("the pages do not end");
}

/** Functions as awk sees them: address, name, module. */
const readKallsyms = `awk '$2 ~ /^[tTwW]$/ && $3 !~ /^(__pfx_|__cfi_|[$])/ {
  module = NF > 3 ? $4 : "[vmlinux]"
  gsub(/[][]/, "", module)
  if (module != "bpf" && module !~ /^__builtin__/) print $1, $3, module
}' /proc/kallsyms`;

async function kallsyms(): Promise<{ address: string; name: string; module: string }[]> {
  const { stdout } = await run("sh", ["-c", readKallsyms]);
  return stdout.trimEnd().split("\n").map((line) => {
    const [address = "", name = "", module = ""] = line.split(" ");
    return { address, name, module };
  });
}

kernelTest("list_kernel_functions gives every function of kallsyms, with its address", async () => {
  await using session = await McpSession.start(large);
  const rows = await all(session, { limit: 1000, with: ["address"] });
  const wanted = await kallsyms();
  assert.ok(wanted.length > 10_000);
  assert.deepEqual(
    rows.map(({ name, module, address }) => `${name} ${module} ${address}`),
    wanted.map(({ name, module, address }) =>
      `${name} ${module} ${/^0+$/.test(address) ? null : `0x${address}`}`
    ),
  );
});

kernelTest("list_kernel_functions gives prototypes as bpftool reads the types", async () => {
  await using session = await McpSession.start(large);
  const rows = await all(session, { pattern: "^vfs_", with: ["prototype"] });
  const { stdout } = await run("bpftool", ["btf", "dump", "file", "/sys/kernel/btf/vmlinux"]);
  const parameters = new Map<string, string[]>();
  for (const [, id, list = ""] of stdout.matchAll(/^\[(\d+)\] FUNC_PROTO .*\n((?:\t.*\n)*)/gm)) {
    parameters.set(
      id ?? "",
      [...list.matchAll(/^\t'(.*)' type_id/gm)].map(([, name]) => name ?? ""),
    );
  }
  const functions = new Map(
    [...stdout.matchAll(/^\[\d+\] FUNC '(\w+)' type_id=(\d+)/gm)].map(([, name, id]) => [name, id]),
  );
  let compared = 0;
  for (const { name, prototype } of rows) {
    const names = parameters.get(functions.get(name) ?? "");
    assert.equal(prototype === null, names === undefined, name);
    if (names === undefined || prototype === null || prototype === undefined) continue;
    const list = prototype.slice(prototype.indexOf("("));
    const last = names.map((parameter) => list.search(new RegExp(`\\b${parameter}\\b`)));
    assert.ok(prototype.includes(` ${name}(`) || prototype.includes(`*${name}(`), prototype);
    assert.ok(last.every((at) => at >= 0), `${prototype} of ${names}`);
    compared++;
  }
  assert.ok(compared > 20, `${compared} prototypes`);
});

kernelTest("list_kernel_functions answers 8 KB by default, and says what it cut", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  for (const args of [{}, { limit: 1000 }, { with: ["prototype", "address"], limit: 1000 }]) {
    const { content: [{ text }] } = await session.call("list_kernel_functions", args);
    assert.ok(new TextEncoder().encode(text).length <= 8192, `${text.length} bytes`);
    const { total, functions, truncated, next_cursor } = answer.parse(JSON.parse(text));
    assert.ok(truncated && next_cursor !== null && total > functions.length);
  }
});

kernelTest("list_kernel_functions finds by part, anchor, glob and regular expression", async () => {
  await using session = await McpSession.start(large);
  const symbols = await kallsyms();
  const patterns: [string, RegExp][] = [
    ["vfs_read", /vfs_read/],
    ["^vfs_read", /^vfs_read/],
    ["_read$", /_read$/],
    ["vfs_*", /^vfs_.*$/],
    ["[kv]*_r?ad", /^[kv].*_r.ad$/],
    ["/^(tcp|udp)_.*send(msg)?$/", /^(tcp|udp)_.*send(msg)?$/],
    ["/TCP_V[46]_CONNECT/i", /tcp_v[46]_connect/i],
  ];
  for (const [pattern, expression] of patterns) {
    const rows = await all(session, { pattern, limit: 1000 });
    const wanted = symbols.flatMap(({ name }) => expression.test(name) ? [name] : []);
    assert.deepEqual(rows.map(({ name }) => name).sort(), wanted.sort(), pattern);
  }
  const [first] = (await list(session, { pattern: "vfs_read", limit: 1 })).functions;
  assert.equal(first?.name, "vfs_read", "the name itself comes first");
});

kernelTest("list_kernel_functions names near functions and modules when none matches", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const { total, nearest } = await list(session, { pattern: "vfs_raed" });
  assert.deepEqual([total, nearest?.[0]], [0, "vfs_read"]);
  assert.equal((await list(session, { pattern: "/^vfs_raed$/" })).nearest?.[0], "vfs_read");
  const module = await list(session, { module: "vmlinus" });
  assert.deepEqual([module.total, module.nearest], [0, ["vmlinux"]]);
});

kernelTest("list_kernel_functions is not held by any expression", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  await list(session, { limit: 1 });
  for (
    const pattern of ["/(a+)+$/", "/(.*)*(.*)*(.*)*x$/", "/(.*[a-z].{40}){6}q$/", "*a*e*i*o*u*_*z"]
  ) {
    const started = performance.now();
    const { isError, content: [{ text }] } = await session.call("list_kernel_functions", {
      pattern,
    });
    if (isError === true) assert.match(text, /too many steps/);
    assert.ok(performance.now() - started < 10_000, `${pattern} took its time`);
  }
});

kernelTest("list_kernel_functions refuses broken patterns and foreign cursors", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const broken = await session.refusal("list_kernel_functions", { pattern: "/[z-a]/" });
  requireError(broken, validation("invalid_arguments", { says: /backwards/ }));
  const { next_cursor } = await list(session, { limit: 1 });
  const foreign = { cursor: next_cursor, pattern: "vfs" };
  const refused = await session.refusal("list_kernel_functions", foreign);
  requireError(refused, validation("invalid_cursor"));
});

const hide = (path: string) => [
  "unshare",
  "--mount",
  "sh",
  "-c",
  `mount --bind /dev/null ${path} && exec "$@"`,
  "sh",
];

kernelTest("list_kernel_functions gives the functions of BTF without kallsyms", async () => {
  await using session = await McpSession.start({ ...large, wrapper: hide("/proc/kallsyms") });
  const { functions, missing } = await list(session, {
    pattern: "^vfs_read$",
    with: ["prototype", "address"],
  });
  assert.equal(functions.length, 1);
  assert.match(functions[0]?.prototype ?? "", /^ssize_t vfs_read\(struct file \*/);
  assert.equal(functions[0]?.address, null);
  assert.ok(missing.some(({ why, remedy }) => /kallsyms is empty/.test(why) && remedy !== ""));
  assert.ok(missing.some(({ what }) => what === "addresses"));
});

kernelTest("list_kernel_functions gives names and addresses without BTF", async () => {
  await using session = await McpSession.start({
    ...large,
    wrapper: hide("/sys/kernel/btf/vmlinux"),
  });
  const { functions: [read], missing, unavailable } = await list(session, {
    pattern: "^vfs_read$",
    with: ["prototype"],
  });
  assert.equal(read?.prototype, null);
  assert.equal(read?.fentry, false);
  assert.ok("fentry" in unavailable);
  assert.ok(missing.some(({ what }) => /prototypes/.test(what)));
});

kernelTest("list_kernel_functions says why it has no addresses without CAP_SYSLOG", async () => {
  const wrapper = ["setpriv", "--bounding-set=-syslog", "--inh-caps=-syslog", "--"];
  await using session = await McpSession.start({ ...large, wrapper });
  const { functions: [read], missing } = await list(session, {
    pattern: "^vfs_read$",
    with: ["address"],
  });
  assert.equal(read?.address, null);
  const lacking = missing.find(({ what }) => what === "addresses");
  assert.match(lacking?.remedy ?? "", /CAP_SYSLOG/);
});
