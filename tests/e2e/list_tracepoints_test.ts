// list_tracepoints against tracefs itself, read by awk, and against bpftool's reading of the types.
import assert from "node:assert/strict";
import * as z from "zod";
import { run } from "../../scripts/command.ts";
import { type Arguments, McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { requireError, validation } from "../support/refusals.ts";

const tracefs = "/sys/kernel/tracing";
const large = { args: ["--role", "viewer", "--byte-budget", `${4 << 20}`] };

const row = z.strictObject({
  name: z.string(),
  category: z.string().nullable(),
  id: z.int().nullable().optional(),
  arguments: z.array(z.strictObject({
    name: z.string(),
    type: z.string(),
    offset: z.int(),
    size: z.int(),
    signed: z.boolean(),
  })).nullable().optional(),
  format: z.string().nullable().optional(),
  btf_arguments: z.array(z.strictObject({ name: z.string(), type: z.string() })).nullable()
    .optional(),
  cut: z.boolean().optional(),
});
const answer = z.looseObject({
  tracepoints: z.array(row),
  total: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
  nearest: z.array(z.string()).optional(),
  missing: z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() })),
});

const list = (session: McpSession, args: Arguments = {}) =>
  session.ask(answer, "list_tracepoints", args);

/** Every page, to the end. */
async function all(session: McpSession, args: Arguments): Promise<z.infer<typeof row>[]> {
  const rows: z.infer<typeof row>[] = [];
  for (let cursor: string | null = null, pages = 0; pages < 2000; pages++) {
    const page: z.infer<typeof answer> = await list(
      session,
      cursor === null ? args : { ...args, cursor },
    );
    rows.push(...page.tracepoints);
    assert.equal(page.truncated, page.next_cursor !== null);
    cursor = page.next_cursor;
    if (cursor === null) {
      assert.equal(rows.length, page.total);
      return rows;
    }
  }
  assert.fail("the pages do not end");
}

async function lines(command: string): Promise<string[]> {
  const { stdout } = await run("sh", ["-c", command]);
  return stdout.split("\n").filter((line) => line !== "");
}

kernelTest(
  "list_tracepoints gives every tracepoint of tracefs once, in pages of 8 KB",
  async () => {
    await using session = await McpSession.start({ args: ["--role", "viewer"] });
    const wanted = await lines(`sort -u ${tracefs}/available_events`);
    const rows = await all(session, { limit: 1000 });
    assert.deepEqual(rows.map(({ name }) => name).sort(), wanted.sort());
    assert.ok(rows.every(({ name, category }) => name.startsWith(`${category}:`)));
    const { content: [{ text }] } = await session.call("list_tracepoints", { limit: 1000 });
    assert.ok(new TextEncoder().encode(text).length <= 8192, `${text.length} bytes`);
  },
);

/** category:name, id, then per field: declaration, offset, size, signed. */
const readFormats = `awk 'BEGIN { OFS = "|"; ORS = "" }
  /^ID:/ { split(FILENAME, part, "/"); print "\\n" part[6] ":" part[7], $2 }
  /^\\tfield:/ && !/common_/ {
    line = $0
    sub(/^\\tfield:/, "", line)
    split(line, item, ";")
    for (i = 2; i <= 4; i++) gsub(/\\t[a-z]*:/, "", item[i])
    print "|" item[1], item[2], item[3], item[4]
  }' ${tracefs}/events/*/*/format`;

/** What is declared, without the blanks that C does not need. */
function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/ ?([*[\]]) ?/g, "$1").trim();
}

kernelTest("list_tracepoints gives id and arguments of each as its format file does", async () => {
  await using session = await McpSession.start(large);
  const rows = new Map(
    (await all(session, { limit: 1000, fields: ["id", "arguments"] })).map((
      one,
    ) => [one.name, one]),
  );
  let compared = 0;
  for (const line of await lines(readFormats)) {
    const [name = "", id, ...fields] = line.split("|");
    const found = rows.get(name);
    if (found === undefined) {
      assert.match(name, /^ftrace:/, "only what is no event is not listed");
      continue;
    }
    assert.equal(found.id, Number(id), name);
    assert.equal(found.arguments?.length, fields.length / 4, name);
    for (const [index, argument] of (found.arguments ?? []).entries()) {
      const [declaration = "", offset, size, signed] = fields.slice(index * 4, index * 4 + 4);
      const { name: called, type } = argument;
      assert.ok(new RegExp(`\\b${called}\\b`).test(declaration), `${name}: ${declaration}`);
      const [before = "", after = ""] = declaration.split(
        new RegExp(`\\b${called}(?=\\s*(?:\\[|$))`),
      );
      assert.equal(squeezed(type), squeezed(before + after), `${name}: ${declaration}`);
      assert.deepEqual(
        [argument.offset, argument.size, argument.signed],
        [Number(offset), Number(size), signed === "1"],
        `${name}: ${declaration}`,
      );
    }
    compared++;
  }
  assert.equal(compared, rows.size);
  assert.ok(compared > 500, `${compared} tracepoints`);
});

kernelTest("list_tracepoints gives the print format of each to the letter", async () => {
  await using session = await McpSession.start(large);
  const rows = await all(session, { category: "sched", fields: ["format"] });
  assert.ok(rows.length > 5);
  for (const { name, format } of rows) {
    const [category, event] = name.split(":");
    const text = await Deno.readTextFile(`${tracefs}/events/${category}/${event}/format`);
    assert.equal(format, text.slice(text.indexOf("print fmt: ") + 11).trimEnd(), name);
  }
});

kernelTest("list_tracepoints gives raw arguments as bpftool reads the types", async () => {
  await using session = await McpSession.start(large);
  const rows = await all(session, { limit: 1000, fields: ["btf_arguments"] });
  const { stdout } = await run("bpftool", ["btf", "dump", "file", "/sys/kernel/btf/vmlinux"]);
  const types = new Map([...stdout.matchAll(/^\[(\d+)\] (\w+) '(.*?)' ?(.*)$/gm)].map(
    ([, id, kind, name, rest]) => [Number(id), { kind, name, rest: rest ?? "" }],
  ));
  const target = (rest: string | undefined) => {
    return types.get(Number(/\btype_id=(\d+)/.exec(rest ?? "")?.[1]));
  };
  const counts = new Map<string, number>();
  for (const { kind, name = "", rest } of types.values()) {
    if (kind !== "TYPEDEF" || !name.startsWith("btf_trace_")) continue;
    const prototype = target(target(rest)?.rest);
    counts.set(
      name.slice("btf_trace_".length),
      Number(/vlen=(\d+)/.exec(prototype?.rest ?? "")?.[1]),
    );
  }
  const modules = (await lines("ls /sys/kernel/btf")).length;
  let raw = 0;
  for (const { name, btf_arguments } of rows) {
    const count = counts.get(name.slice(name.indexOf(":") + 1));
    if (count === undefined && modules > 1) continue; // it may be in a module's types
    assert.equal(btf_arguments?.length, count === undefined ? undefined : count - 1, name);
    if (count !== undefined) raw++;
  }
  assert.ok(raw > 300, `${raw} raw tracepoints`);
  const wakeup = rows.find(({ name }) => name === "sched:sched_switch")?.btf_arguments ?? [];
  assert.deepEqual(wakeup.slice(0, 2), [
    { name: "preempt", type: "bool" },
    { name: "prev", type: "struct task_struct *" },
  ]);
});

kernelTest("list_tracepoints reads no description unless a field of it is asked", async () => {
  await using session = await McpSession.start(large);
  const readCalls = async () => {
    const io = await Deno.readTextFile(`/proc/${session.pid}/io`);
    return Number(/^syscr: (\d+)$/m.exec(io)?.[1]);
  };
  const cost = async (args: Arguments) => {
    const before = await readCalls();
    const { tracepoints } = await list(session, args);
    return { rows: tracepoints.length, calls: await readCalls() - before };
  };
  await cost({});
  const names = await cost({ limit: 1000 });
  const described = await cost({ limit: 1000, fields: ["id"] });
  assert.equal(names.rows, described.rows);
  assert.ok(names.calls < 200, `${names.calls} reads for ${names.rows} names`);
  assert.ok(described.calls > names.calls + described.rows, `${described.calls} reads with ids`);
});

kernelTest("list_tracepoints finds by category, part, glob and regular expression", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const names = async (args: Arguments) => {
    return (await list(session, args)).tracepoints.map(({ name }) => name);
  };
  assert.deepEqual(await names({ pattern: "^sched_switch$" }), ["sched:sched_switch"]);
  assert.deepEqual(await names({ pattern: "sched:*_switch" }), ["sched:sched_switch"]);
  assert.deepEqual(await names({ category: "sched", pattern: "/^sched_(switch|wakeup)$/" }), [
    "sched:sched_switch",
    "sched:sched_wakeup",
  ]);
  assert.ok((await names({ category: "sc*d" })).every((name) => name.startsWith("sched:")));
  const { nearest, total } = await list(session, { pattern: "shced_swicth" });
  assert.deepEqual([total, nearest?.[0]], [0, "sched:sched_switch"]);
  assert.deepEqual((await list(session, { category: "shced" })).nearest, ["sched"]);
});

kernelTest("list_tracepoints refuses a broken pattern and another list's cursor", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const broken = await session.refusal("list_tracepoints", { pattern: "/(a/" });
  requireError(broken, validation("invalid_arguments", { says: /not closed/ }));
  const { next_cursor } = await list(session, { limit: 1 });
  const foreign = await session.refusal("list_tracepoints", { cursor: next_cursor, pattern: "a" });
  requireError(foreign, validation("invalid_cursor"));
});

const withoutTracefs = [
  "unshare",
  "--mount",
  "sh",
  "-c",
  `for at in ${tracefs} /sys/kernel/debug; do umount -l $at 2>/dev/null; done; exec "$@"`,
  "sh",
];

kernelTest("list_tracepoints gives raw tracepoints where tracefs is missing", async () => {
  await using session = await McpSession.start({ ...large, wrapper: withoutTracefs });
  const found = await list(session, { pattern: "sched_switch", fields: ["id", "btf_arguments"] });
  assert.deepEqual(found.tracepoints.map(({ name, category }) => ({ name, category })), [
    { name: "sched_switch", category: null },
  ]);
  assert.equal(found.tracepoints[0]?.btf_arguments?.[0]?.name, "preempt");
  const [lacking] = found.missing;
  assert.match(lacking?.why ?? "", /not mounted/);
  assert.match(lacking?.remedy ?? "", /^mount -t tracefs nodev \/sys\/kernel\/tracing$/);
});

const underDebugfs = [
  "unshare",
  "--mount",
  "sh",
  "-c",
  `umount -l ${tracefs}; mount -t debugfs nodev /sys/kernel/debug && exec "$@"`,
  "sh",
];

kernelTest("list_tracepoints finds tracefs below debugfs", async () => {
  await using session = await McpSession.start({ ...large, wrapper: underDebugfs });
  const { tracepoints, missing } = await list(session, {
    pattern: "^sched_switch$",
    fields: ["id"],
  });
  assert.deepEqual(missing, []);
  assert.equal(tracepoints[0]?.name, "sched:sched_switch");
  assert.ok(Number(tracepoints[0]?.id) > 0);
});
