// What every tool refuses before it does anything: arguments of the wrong name, type or size.
import assert from "node:assert/strict";
import { type Arguments, McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import {
  checkRefusals,
  type Expected,
  resource,
  type Row,
  validation,
} from "../support/refusals.ts";

const invalidParams = -32602;
const beyondIds = 2 ** 32;
const lastId = 2 ** 32 - 1;
const inexact = 2 ** 53;
const invalid = validation("invalid_arguments");

function row(what: string, tool: string, args: Arguments, expected: Expected = invalid): Row {
  return { what, tool, args, expected };
}

/** An unknown argument: the answer names those that are accepted. */
function unknown(tool: string, args: Arguments, accepted: readonly string[]): Row {
  const says = new RegExp(`unknown argument.*it accepts ${accepted.join(", ") || "no arguments"}$`);
  const expected = validation("invalid_arguments", { says, context: { accepted } });
  return row(`${tool} with an unknown argument`, tool, args, expected);
}

const unknownArguments: readonly Row[] = [
  unknown("system_info", { verbose: true }, ["fields"]),
  unknown("map_dump", { map_id: 1, count: 1 }, ["map_id", "map_name", "max_entries", "cursor"]),
  unknown("detach_link", { link: 1 }, ["attachment_id", "link_id"]),
  unknown("unload_program", { id: 1 }, ["object_id", "program_id"]),
  unknown("stop_stream", { stream: "stream-1" }, ["stream_id"]),
  unknown("stream_events", { map_id: 1, filters: { uid: 0 } }, [
    "pid",
    "comm",
    "cpu",
    "min_timestamp_ns",
    "where",
  ]),
  unknown("load_program", { source: { type: "file", path: "x", blob: "" } }, ["type", "path"]),
  unknown("attach_program", {
    program_id: 1,
    attachment: { type: "raw_tracepoint", name: "x", a: 1 },
  }, [
    "type",
    "name",
  ]),
  unknown("attach_program", { program_id: 1, attachment: { type: "uretprobe", path: "x", a: 1 } }, [
    "type",
    "path",
    "symbol",
    "offset",
    "pid",
  ]),
  row(
    "an argument named __proto__",
    "map_dump",
    Object.fromEntries([["map_id", 1], ["__proto__", 1]]),
    validation("invalid_arguments", { says: /__proto__/ }),
  ),
];

const ids: readonly Row[] = ["attach_program", "map_dump", "stream_events", "unload_program"]
  .flatMap((tool) => {
    const name = ["map_dump", "stream_events"].includes(tool) ? "map_id" : "program_id";
    const rest = tool === "attach_program" ? { attachment: { type: "auto" } } : {};
    const wrong = { text: "12", "minus one": -1, zero: 0, half: 1.5, "2^32": beyondIds };
    const all: Record<string, unknown> = {
      ...wrong,
      "2^53": inexact,
      "a list": [1],
      null: null,
      "2^53 as text": "9007199254740992",
    };
    return Object.entries(all).map(([what, id]) =>
      row(`${tool} with ${what} as an id`, tool, { [name]: id, ...rest })
    );
  });

const missing: readonly Row[] = [
  row(
    "the last id there can be, of a map",
    "map_dump",
    { map_id: lastId },
    resource("map_not_found", { errno: "ENOENT" }),
  ),
  row(
    "the last id there can be, of a ring",
    "stream_events",
    { map_id: lastId },
    resource("map_not_found", { errno: "ENOENT" }),
  ),
  row(
    "the last id there can be, of a program to stream",
    "stream_events",
    { program_id: lastId },
    resource("program_not_found", { errno: "ENOENT" }),
  ),
  row(
    "the last id there can be, of a link",
    "detach_link",
    { link_id: lastId },
    resource("link_not_found", { errno: "ENOENT" }),
  ),
  row(
    "the last id there can be, of a program to unload",
    "unload_program",
    { program_id: lastId },
    resource("program_not_found", { errno: "ENOENT" }),
  ),
  row(
    "a program that this session has not loaded",
    "attach_program",
    { program_id: lastId, attachment: { type: "auto" } },
    resource("program_not_found"),
  ),
  row(
    "an object that there is not",
    "unload_program",
    { object_id: "object-99" },
    resource("object_not_found"),
  ),
  row(
    "an attachment that there is not",
    "detach_link",
    { attachment_id: "x" },
    resource("attachment_not_found"),
  ),
  row(
    "a stream that there is not",
    "read_stream",
    { stream_id: "stream-99" },
    resource("stream_not_found"),
  ),
  row("a stream to stop that there is not", "stop_stream", { stream_id: "" }, invalid),
  row(
    "a map name that there is not",
    "map_dump",
    { map_name: "absent" },
    resource("map_not_found"),
  ),
  row(
    "a gadget that there is not",
    "run_gadget",
    { gadget: "absent" },
    validation("unknown_gadget"),
  ),
];

const amounts: readonly Row[] = [-1, 0, 0.5, 600_001, 1e12, 2 ** 53, "1s"].flatMap((
  duration_ms,
) => [
  row(`stream_events for ${duration_ms} ms`, "stream_events", { map_id: 1, duration_ms }),
  row(`run_gadget for ${duration_ms} ms`, "run_gadget", { gadget: "exec_snoop", duration_ms }),
]).concat([
  row("a wait of minus one", "read_stream", { stream_id: "stream-1", wait_ms: -1 }),
  row("a wait of a day", "read_stream", { stream_id: "stream-1", wait_ms: 86_400_000 }),
  row("no events", "stream_events", { map_id: 1, max_events: 0 }),
  row("more events than there can be", "stream_events", { map_id: 1, max_events: inexact }),
  row("no entries", "map_dump", { map_id: 1, max_entries: 0 }),
  row("a million entries", "map_dump", { map_id: 1, max_entries: 1_000_000 }),
  row("an unknown format", "stream_events", { map_id: 1, format: "xml" }),
  row("an unknown field", "inspect_state", { fields: ["program"] }),
  row("a cursor of 5,000 characters", "map_dump", { map_id: 1, cursor: "x".repeat(5000) }),
  row("a timestamp beyond 2^53 as a number", "stream_events", {
    map_id: 1,
    filters: { min_timestamp_ns: inexact },
  }),
]);

const combinations: readonly Row[] = [
  row("neither map nor program", "stream_events", {}),
  row("map and program", "stream_events", { map_id: 1, program_id: 1 }),
  row("neither map id nor name", "map_dump", {}),
  row("map id and name", "map_dump", { map_id: 1, map_name: "x" }),
  row("neither attachment nor link", "detach_link", {}),
  row("attachment and link", "detach_link", { attachment_id: "x", link_id: 1 }),
  row("neither object nor program", "unload_program", {}),
  row("object and program", "unload_program", { object_id: "x", program_id: 1 }),
  row("no source", "load_program", {}),
  row("a source that is a text", "load_program", { source: "x.o" }),
  row("a source of a kind that is none", "load_program", { source: { type: "url", url: "x" } }),
  row("a file without a path", "load_program", { source: { type: "file" } }),
  row("arguments 17 deep", "load_program", { source: nested(17) }),
  row("arguments of 100,001 values", "load_program", { source: Array(100_001).fill(0) }),
];

function nested(depth: number): Arguments {
  return depth === 0 ? {} : { inner: nested(depth - 1) };
}

kernelTest("every tool refuses arguments that do not fit, and says which do", async (t) => {
  await using session = await McpSession.start();
  for (const rows of [unknownArguments, ids, missing, amounts, combinations]) {
    await checkRefusals(t, session, rows);
  }
});

kernelTest("a cursor works only where it was given", async (t) => {
  await using session = await McpSession.start({ args: ["--role", "admin", "--objects", "/"] });
  const object = await session.load(await buildObject("maps"));
  const { next_cursor } = await session.dump({ map_name: "rows", max_entries: 3 });
  assert.ok(next_cursor !== null);
  const [other] = object.maps.filter(({ name }) => name === "counts");
  const wrong = validation("invalid_cursor");
  const dump = (what: string, args: Arguments) => row(what, "map_dump", args, wrong);
  const cut = next_cursor.slice(0, -2);
  const forged = btoa('[1,"map 1","batch 0 00"]').replaceAll("=", "");
  await checkRefusals(t, session, [
    dump("garbage", { map_name: "rows", cursor: "garbage" }),
    dump("a cursor of another map", { map_id: other.map_id, cursor: next_cursor }),
    dump("a cursor without its end", { map_name: "rows", cursor: cut }),
    dump("a forged cursor", { map_name: "rows", cursor: forged }),
    row(
      "a cursor of another tool",
      "inspect_state",
      { fields: ["maps"], cursor: next_cursor },
      wrong,
    ),
  ]);
  const rest = await session.dump({ map_name: "rows", cursor: next_cursor });
  assert.equal(rest.entries.length, 5);
});

kernelTest("tools/call answers an unknown tool with -32602 and the one meant", async () => {
  await using session = await McpSession.start();
  const renamed: Record<string, string> = {
    ebpf_load: "load_program",
    ebpf_attach: "attach_program",
    deploy: "load_program",
    info: "system_info",
    hooks_inspect: "inspect_state",
    trace: "stream_events",
    attach_progrm: "attach_program",
  };
  for (const [name, ours] of Object.entries(renamed)) {
    await assert.rejects(session.call(name), (error: unknown) => {
      assert.equal(Reflect.get(Object(error), "code"), invalidParams);
      assert.match(String(error), new RegExp(`Unknown tool "${name}".*"${ours}"`));
      return true;
    });
  }
  for (
    const name of ["", "no_such_thing_at_all", "load_program\u0000", "__proto__", "constructor"]
  ) {
    await assert.rejects(session.call(name), { code: invalidParams });
  }
});
