import assert from "node:assert/strict";
import type { ErrorObject } from "../../../src/errors.ts";
import { type Role, roles } from "../../../src/policy/role.ts";
import { type Answer, Registry } from "../../../src/server/registry.ts";
import type { Tool } from "../../../src/tools/define_tool.ts";
import { version } from "../../../src/version.ts";
import {
  broken,
  configure,
  deaf,
  echo,
  load,
  patient,
  sampleServices,
  sampleTools,
  unpin,
} from "./sample_tools.ts";

const registry = new Registry(sampleTools);

interface CallOptions {
  readonly flags?: Record<string, string>;
  readonly role?: Role;
  readonly signal?: AbortSignal;
}

function call(tool: Tool, args: unknown, options: CallOptions = {}): Promise<Answer> {
  const services = sampleServices(configure(options.flags, options.role ?? "admin"));
  const signal = options.signal ?? new AbortController().signal;
  return registry.call(tool, args, services, { signal, progress: () => Promise.resolve() });
}

async function fail(tool: Tool, args: unknown, options: CallOptions = {}): Promise<ErrorObject> {
  const answer = await call(tool, args, options);
  assert.ok(!answer.ok, "wanted an error");
  return answer.error;
}

Deno.test("Registry stamps a result and drops what the output schema lacks", async () => {
  const answer = await call(echo, { text: "ab", times: 2 });
  assert.ok(answer.ok);
  const { execution_time_ms, ...rest } = answer.result;
  assert.equal(typeof execution_time_ms, "number");
  assert.deepEqual(rest, { text: "abab", budget: 8192 - 128, tool_version: version });
});

const reach: readonly (readonly [tool: Tool, lowest: Role])[] = [
  [echo, "viewer"],
  [patient, "observer"],
  [load, "operator"],
  [unpin, "admin"],
];

for (const [tool, lowest] of reach) {
  for (const role of roles) {
    const allowed = roles.indexOf(role) >= roles.indexOf(lowest);
    Deno.test(`Registry ${allowed ? "gives" : "refuses"} ${role} ${tool.name}`, async () => {
      const config = configure({}, role);
      assert.equal(registry.within(config).includes(tool), allowed);
      if (allowed) return;
      const error = await fail(tool, {}, { role });
      assert.equal(error.category, "permission");
      assert.equal(error.code, "tool_not_allowed");
      assert.equal(error.recoverable, false);
      assert.equal(error.context.wanted_role, lowest);
      assert.match(error.context.hint ?? "", new RegExp(`--role ${lowest}`));
    });
  }
}

const hidden: readonly [flags: Record<string, string>, flag: string, within: string[]][] = [
  [{ "exclude-tools": "echo" }, "--exclude-tools", ["load_program", "deaf", "broken"]],
  [{ "toolsets": "deploy" }, "--toolsets", ["load_program"]],
  [{ "tools": "load_program" }, "--tools", ["load_program"]],
  [{ "toolsets": "stream", "tools": "load_program" }, "--toolsets", ["load_program"]],
  [{ "tools": "echo,load_program", "exclude-tools": "echo" }, "--exclude-tools", ["load_program"]],
  [{ "toolsets": "reflect", "exclude-tools": "echo" }, "--exclude-tools", ["deaf", "broken"]],
];

for (const [flags, flag, within] of hidden) {
  Deno.test(`Registry hides echo under ${JSON.stringify(flags)} and names ${flag}`, async () => {
    const names = registry.within(configure(flags, "operator")).map((tool) => tool.name);
    assert.deepEqual(names.filter((name) => name !== "stream_events"), within);
    const error = await fail(echo, { text: "x" }, { flags });
    assert.equal(error.code, "tool_not_allowed");
    assert.equal(error.context.flag, flag);
    assert.ok(error.message.includes(flag), error.message);
  });
}

Deno.test("Registry.check refuses flags that name tools which do not exist", () => {
  assert.throws(() => registry.check(configure({ tools: "ehco" })), {
    code: "invalid_configuration",
    message: 'Cannot use --tools: there is no tool "ehco"; did you mean "echo"?',
  });
  assert.throws(() => registry.check(configure({ "exclude-tools": "nothing" })), {
    code: "invalid_configuration",
  });
});

const wrong: readonly [tool: Tool, args: unknown, message: RegExp][] = [
  [echo, {}, /^Cannot call "echo": text is missing: expected string$/],
  [echo, { text: 5 }, /text is 5: expected string$/],
  [echo, { text: "a", times: "3" }, /times is "3": expected (number|int)$/],
  [echo, { text: "a", times: -1 }, /times is -1: too small: expected number to be >=1$/],
  [echo, { text: "a", times: 1e9 }, /times is 1000000000: too big: expected number to be <=10$/],
  [
    echo,
    { text: "a", tims: 1 },
    /unknown argument "tims" \(did you mean "times"\?\); .* text, times/,
  ],
  [echo, { text: "a", __proto__x: 1 }, /unknown argument "__proto__x"; it accepts text, times$/],
  [echo, JSON.parse('{"text":"a","__proto__":{"times":1}}'), /unknown argument "__proto__"/],
  [echo, [], /the argument object is \[\]: expected object$/],
  [echo, null, /the argument object is null: expected object$/],
  [echo, { text: "y".repeat(2000) }, /text is "y{79}…: too big: expected string/],
  [unpin, { id: "7" }, /id is "7": expected (number|int)$/],
  [unpin, { id: 2 ** 40 }, /id is 1099511627776: too big/],
  [unpin, { id: 2 ** 53 }, /^Cannot call "unpin_object": id is 9007199254740992: too big[^;]*$/],
  [
    load,
    JSON.parse('{"source":{"type":"file","path":"/a","__proto__":{}}}'),
    /^Cannot call "load_program": "__proto__" names nothing$/,
  ],
  [
    load,
    { source: { type: "file", pth: "/a" } },
    /unknown argument "pth" .*in source; .* type, path$/,
  ],
  [load, { source: { type: "url", path: "/a" } }, /source.type is "url": .*'file' \| 'data'/],
  [load, { source: "x" }, /source is "x": expected object/],
  [
    load,
    { source: { type: "data", blob: "" }, programs: [{ nam: "x" }] },
    /programs\[0\].*"nam" \(did you mean "name"\?\) in programs\[0\]; it accepts name$/,
  ],
];

for (const [tool, args, message] of wrong) {
  const shown = (JSON.stringify(args) ?? "nothing").slice(0, 60);
  Deno.test(`Registry explains why ${tool.name} cannot take ${shown}`, async () => {
    const error = await fail(tool, args);
    assert.equal(error.category, "validation");
    assert.equal(error.code, "invalid_arguments");
    assert.equal(error.recoverable, true);
    assert.match(error.message, message);
  });
}

Deno.test("Registry refuses arguments nested too deep or with too many values", async () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.match((await fail(echo, { text: deep })).message, /nested over 16 deep$/);
  const wide = new Array(200_000).fill(0);
  assert.match((await fail(echo, { text: wide })).message, /over 100000 values$/);
});

Deno.test("Registry believes a tool that ends with its deadline", async () => {
  const answer = await call(patient, {});
  assert.ok(answer.ok);
  assert.match(String(answer.result.reason), /ran 100 ms, its maximum/);
});

Deno.test("Registry tells a tool that the client cancelled", async () => {
  const abort = new AbortController();
  const answer = call(patient, {}, { signal: abort.signal });
  abort.abort();
  const settled = await answer;
  assert.ok(settled.ok);
  assert.match(String(settled.result.reason), /it was cancelled/);
});

Deno.test("Registry answers for a tool that ignores its deadline", async () => {
  const error = await fail(deaf, {});
  assert.equal(error.category, "resource");
  assert.equal(error.code, "deadline_exceeded");
  assert.equal(error.recoverable, true);
});

Deno.test("Registry gives our errors as they are, with the time", async () => {
  const error = await fail(broken, { how: "ours" });
  const { timestamp, ...rest } = error;
  assert.ok(Math.abs(Date.now() - Date.parse(timestamp)) < 60_000);
  assert.deepEqual(rest, {
    category: "resource",
    code: "map_not_found",
    message: "Cannot open map 9: it is not there",
    recoverable: true,
    context: { map_id: 9 },
  });
});

for (const how of ["error", "text"]) {
  Deno.test(`Registry hides the details of an unexpected ${how}`, async () => {
    const error = await fail(broken, { how });
    assert.equal(error.category, "internal");
    assert.equal(error.code, "internal_error");
    assert.equal(error.recoverable, false);
    const text = JSON.stringify(error);
    assert.ok(!/secret|a text|\.ts|at /.test(text.replace("at the", "")), text);
  });
}

Deno.test("Registry answers with 64-bit values as JSON holds them", async () => {
  const answer = await call(broken, { how: "bigint" });
  assert.match(answer.json, /"value":\[1,"18446744073709551615"\]/);
});
