// The command line: exit codes, what goes to stdout, roles, plans.
import assert from "node:assert/strict";
import * as z from "zod";
import { errorAnswer, loaded } from "../support/answers.ts";
import { cli } from "../support/cli.ts";
import { assertGone, madeBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { ObjectFolder } from "../support/object_folder.ts";
import { buildObject } from "../support/objects.ts";
import { permission, requireError, validation } from "../support/refusals.ts";

/** The one line of JSON that a command prints. */
function onlyJson(stdout: string): unknown {
  assert.match(stdout, /^[{[].*[}\]]\n$/, "stdout has one line of JSON");
  const value: unknown = JSON.parse(stdout);
  return value;
}

/** A call that must work: its result, and nothing but it on stdout. */
async function result(args: readonly string[], options = {}): Promise<unknown> {
  const { code, stdout, stderr } = await cli(args, options);
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.equal(stderr, "");
  return onlyJson(stdout);
}

/** A call that must fail: the error of the tool, exit code 1. */
async function failure(args: readonly string[], options = {}) {
  const { code, stdout } = await cli(args, options);
  assert.equal(code, 1, stdout);
  return errorAnswer.parse(onlyJson(stdout)).error;
}

const loadOf = (path: string) => JSON.stringify({ source: { type: "file", path } });

kernelTest("call prints a tool's result, and leaves nothing behind", async () => {
  const path = await buildObject("flood");
  const args = ["--objects", "/"];
  const object = loaded.parse(await result(["call", "load_program", loadOf(path), ...args]));
  await assertGone(madeBy(object));
  const stdin = loadOf(path);
  const again = loaded.parse(await result(["call", "load_program", "-", ...args], { stdin }));
  assert.equal(again.programs_total, 2);
});

kernelTest("call reads objects of the working directory", async () => {
  await using folder = await ObjectFolder.make();
  await folder.add("no_maps");
  const cwd = folder.path;
  const object = loaded.parse(await result(["call", "load_program", loadOf("no_maps.o")], { cwd }));
  assert.equal(object.name, "no_maps");
  const outside = await failure(["call", "load_program", loadOf("/etc/passwd")], { cwd });
  requireError(outside, permission("path_not_allowed"));
});

kernelTest("call prints a tool's error and exits with 1", async () => {
  requireError(await failure(["call", "map_dump", "{}"]), validation("invalid_arguments"));
});

const noTool = (role: string) => permission("tool_not_allowed", { context: { role } });

kernelTest("call keeps to a role, by flag and by variable", async () => {
  const load = ["call", "load_program", "{}"];
  requireError(await failure([...load, "--role", "observer"]), noTool("observer"));
  requireError(await failure([...load, "--read-only"]), noTool("viewer"));
  requireError(await failure(load, { env: { EBPF_MCP_ROLE: "viewer" } }), noTool("viewer"));
  requireError(await failure(load, { env: { EBPF_MCP_READ_ONLY: "true" } }), noTool("viewer"));
  const excluded = permission("tool_not_allowed", { context: { flag: "--exclude-tools" } });
  requireError(await failure([...load, "--exclude-tools", "load_program"]), excluded);
  const env = { EBPF_MCP_EXCLUDE_TOOLS: "load_program" };
  requireError(await failure(load, { env }), excluded);
});

kernelTest("the folders of objects come from EBPF_MCP_OBJECTS too", async () => {
  await using folder = await ObjectFolder.make();
  const path = await folder.add("no_maps");
  const env = { EBPF_MCP_OBJECTS: `/nonexistent:${folder.path}` };
  const object = await result(["call", "load_program", loadOf(path)], { env });
  assert.equal(loaded.parse(object).programs_total, 1);
});

const usage: Readonly<Record<string, readonly string[]>> = {
  "an unknown command": ["lod"],
  "an unknown tool": ["call", "ebpf_load"],
  "a call without a tool": ["call"],
  "arguments that are no JSON": ["call", "system_info", "{"],
  "an argument too many": ["call", "system_info", "{}", "{}"],
  "an unknown flag": ["call", "system_info", "--rol", "admin"],
  "a flag without its value": ["call", "system_info", "--role"],
  "a flag given twice": ["call", "system_info", "--role", "admin", "--role", "viewer"],
  "an unknown role": ["call", "system_info", "--role", "root"],
  "a role against --read-only": ["call", "system_info", "--role", "admin", "--read-only"],
  "an unknown toolset": ["tools", "--toolsets", "depoly"],
  "an unknown tool to exclude": ["tools", "--exclude-tools", "map_dmp"],
  "a byte budget of nothing": ["call", "system_info", "--byte-budget", "0"],
  "an unknown client": ["install", "emacs"],
  "tools of an unknown name": ["tools", "nothing"],
  "a plan that is no JSON": ["run", "-"],
  "serve with an unknown transport": ["serve", "-t", "carrier-pigeon"],
};

kernelTest("a wrong command line exits with 2 and says so on stderr alone", async (t) => {
  for (const [what, args] of Object.entries(usage)) {
    await t.step(what, async () => {
      const { code, stdout, stderr } = await cli(args, { stdin: "no json" });
      assert.equal(code, 2, stdout + stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /^ebpf-mcp: .{10,}/);
    });
  }
  const { stderr } = await cli(["call", "ebpf_load"]);
  assert.match(stderr, /load_program/);
  const wrong = await cli(["call", "system_info"], { env: { EBPF_MCP_ROLE: "root" } });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /EBPF_MCP_ROLE/);
});

const planAnswer = z.object({
  ok: z.boolean(),
  steps: z.array(z.object({
    id: z.string(),
    tool: z.string(),
    execution_time_ms: z.number(),
    result: z.looseObject({}).optional(),
    error: errorAnswer.shape.error.optional(),
  })),
});

/** Load, attach, read the map, detach: each step uses what an earlier one gave. */
async function journeyPlan(): Promise<Record<string, unknown>> {
  const source = { type: "file", path: await buildObject("attach_kinds") };
  const program_id = "$load.programs[0].program_id";
  const step = (id: string, tool: string, args: unknown) => ({ id, tool, arguments: args });
  return {
    steps: [
      step("load", "load_program", { source, programs: ["on_raw_tracepoint"] }),
      step("attach", "attach_program", {
        program_id,
        attachment: { type: "raw_tracepoint", name: "sys_enter" },
      }),
      step("dump", "map_dump", { map_id: "$load.maps[1].map_id" }),
      step("detach", "detach_link", { attachment_id: "$attach.attachment_id" }),
      step("unload", "unload_program", { object_id: "$load.object_id" }),
    ],
  };
}

kernelTest("run walks a plan whose steps use what earlier ones gave", async () => {
  const plan = JSON.stringify(await journeyPlan());
  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, plan);
  const flags = ["--objects", "/"];
  for (const [args, stdin] of [[["run", file], ""], [["run", "-"], plan]] as const) {
    const answer = planAnswer.parse(await result([...args, ...flags], { stdin }));
    assert.equal(answer.ok, true);
    const ids = answer.steps.map(({ id, error }) => [id, error]);
    assert.deepEqual(ids.map(([id]) => id), ["load", "attach", "dump", "detach", "unload"]);
    assert.deepEqual(answer.steps[1].result?.confirmed, true);
    await assertGone(madeBy(loaded.parse(answer.steps[0].result)));
  }
  await Deno.remove(file);
});

async function runPlan(plan: unknown, flags: readonly string[] = []) {
  const stdin = JSON.stringify(plan);
  const { code, stdout } = await cli(["run", "-", "--objects", "/", ...flags], { stdin });
  return { code, answer: planAnswer.parse(onlyJson(stdout)) };
}

kernelTest("run checks the role at each step", async () => {
  const { code, answer } = await runPlan(await journeyPlan(), ["--role", "observer"]);
  assert.equal(code, 1);
  assert.equal(answer.ok, false);
  assert.deepEqual(answer.steps.map(({ id, error }) => [id, error?.code]), [
    ["load", "tool_not_allowed"],
  ]);
  const flags = ["--exclude-tools", "attach_program"];
  const excluded = await runPlan(await journeyPlan(), flags);
  assert.deepEqual(excluded.answer.steps.map(({ id, error }) => [id, error?.code]), [
    ["load", undefined],
    ["attach", "tool_not_allowed"],
  ]);
});

kernelTest("run goes on after an error when the plan says so", async () => {
  const plan = await journeyPlan();
  const continued = { ...plan, on_error: "continue" };
  const { code, answer } = await runPlan(continued, ["--exclude-tools", "attach_program"]);
  assert.equal(code, 1);
  assert.deepEqual(answer.steps.map(({ id, error }) => [id, error?.code]), [
    ["load", undefined],
    ["attach", "tool_not_allowed"],
    ["dump", undefined],
    ["detach", "invalid_plan"], // it refers to the step that failed
    ["unload", undefined],
  ]);
});

kernelTest("run refuses a plan that cannot work before its first step", async () => {
  const step = { id: "a", tool: "system_info", arguments: {} };
  const plans = {
    "no steps": { steps: [] },
    "an unknown member": { steps: [step], retries: 3 },
    "two steps of one id": { steps: [step, step] },
    "an unknown tool": { steps: [{ ...step, tool: "info" }] },
    "a reference to nothing": { steps: [{ ...step, arguments: { x: "$b.c" } }] },
    "a reference ahead": { steps: [{ ...step, arguments: { x: "$b" } }, { ...step, id: "b" }] },
    "a reference that is none": { steps: [{ ...step, arguments: { x: "$a[" } }] },
    "201 steps": { steps: Array.from({ length: 201 }, (_, n) => ({ ...step, id: `s${n}` })) },
  };
  for (const [what, plan] of Object.entries(plans)) {
    const error = await failure(["run", "-"], { stdin: JSON.stringify(plan) });
    requireError(error, validation("invalid_plan"));
    assert.match(error.message, /plan/, what);
  }
});
