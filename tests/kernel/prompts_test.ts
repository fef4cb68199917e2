// Every prompt, rendered for every role on this host: what it names exists and can be called, and
// the programs that it hands over do what it says.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../scripts/command.ts";
import { type Role, roles } from "../../src/policy/role.ts";
import { prompts } from "../../src/prompts/shelf.ts";
import { compileCommand, failingSyscalls } from "../../src/prompts/sources.ts";
import { resources, resourceTemplates } from "../../src/resources/shelf.ts";
import { Registry } from "../../src/server/registry.ts";
import { defineTool, type Services } from "../../src/tools/define_tool.ts";
import { toolbox } from "../../src/tools/toolbox.ts";
import { configFor, openServices } from "../support/in_process.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { never } from "../support/session.ts";

const registry = new Registry(toolbox, { resources, templates: resourceTemplates, prompts });

/** Arguments that each prompt needs, and some that it may have. */
const given: Readonly<Record<string, Readonly<Record<string, string>>[]>> = {
  observe: [{ gadget: "exec_snoop" }],
  diagnose_latency: [{}, { what: "postgres", seconds: "600" }],
  find_failing_syscalls: [{}, { comm: "nginx", seconds: "1" }],
  who_uses_bpf: [{}, { program_id: "7" }, { program_id: "4294967295" }],
  write_bpf_program: [{ goal: "count page faults" }, { goal: "count", hook: "tp_btf" }],
  explain_verifier_rejection: [{}, { object_id: "obj_1", source: "int f(void) { return 1; }" }],
  audit_host: [{}, { expected: "systemd" }],
};

/** Every tool that there will be: a prompt must not send anybody to one that is not there. */
const designed = [
  "load_program unload_program test_program explain_program explain_rejection",
  "attach_program detach_link pin_object unpin_object",
  "inspect_state inspect_hooks system_info list_tracepoints list_kernel_functions get_btf_types",
  "list_bpf_program_types list_bpf_map_types",
  "list_gadgets triage run_gadget run_probe trace_errors stream_events read_stream stop_stream",
  "map_dump map_lookup map_batch_op",
].join(" ").split(" ");

async function render(
  name: string,
  args: Readonly<Record<string, string>>,
  services: Services,
): Promise<string> {
  const messages = await registry.library.render(name, args, services, never);
  return messages.map(({ content }) => content.type === "text" ? content.text : "").join("\n");
}

/** `Call NAME with {…}` in a text, blanks filled as a reader would. */
function callsIn(text: string): { name: string; args: unknown }[] {
  const calls = [...text.matchAll(/\bCall ([a-z_]+)(?: with (\{.*?\})(?=: | and ))?/g)];
  return calls.map(([, name = "", shown]) => {
    const json = (shown ?? "{}").replaceAll(/"<[^>]*>"/g, '"x"').replaceAll(/<[^>]*>/g, "1");
    return { name, args: JSON.parse(json) };
  });
}

for (const role of roles) {
  kernelTest(`prompts name only tools that a ${role} can call, with what they take`, async () => {
    const services = openServices(configFor(role));
    await using _session = services.session;
    const within = registry.within(services.config);
    for (const { name } of registry.library.within(services.config).prompts) {
      for (const args of given[name] ?? assert.fail(`${name} has no arguments here`)) {
        const text = await render(name, args, services);
        const calls = callsIn(text);
        assert.ok(calls.length > 0, `${name} makes a model call something`);
        for (const { name: called, args: shown } of calls) {
          const tool = within.find((one) => one.name === called);
          assert.ok(tool, `${name} names ${called}, which a ${role} cannot call`);
          assert.ok(tool.prepare(shown).ok, `${called} refuses ${JSON.stringify(shown)}`);
          const { gadget } = z.object({ gadget: z.string().optional() }).parse(shown);
          if (gadget !== undefined) services.session.services.gadgets.get(gadget);
        }
        for (const tool of designed.filter((one) => new RegExp(`\\b${one}\\b`).test(text))) {
          assert.ok(within.some((one) => one.name === tool), `${name} speaks of ${tool}`);
        }
        assert.ok(new TextEncoder().encode(text).length <= services.config.byteBudget, name);
        assert.match(text, /This host: Linux \d|Call run_gadget/);
      }
    }
  });
}

kernelTest("prompts name a tool that observes as soon as there is one", async () => {
  const another = defineTool({
    name: "watch_disks",
    title: "Watch disks",
    doc: "For this test alone.",
    toolset: "stream",
    effect: "observe",
    needs: { capability: "none", kernel: "5.8" },
    maxTimeMs: 1000,
    input: z.strictObject({}),
    output: z.object({}),
    run: () => ({}),
  });
  const services = openServices(configFor("observer"));
  await using _session = services.session;
  const more = new Registry([...toolbox, another], { prompts });
  const [message] = await more.library.render("find_failing_syscalls", {}, services, never);
  assert.ok(message?.content.type === "text");
  assert.match(message.content.text, /watch_disks: Watch disks/);
});

kernelTest("prompts are described, and every argument too", async () => {
  const services = openServices(configFor("admin"));
  await using _session = services.session;
  const names = prompts.map(({ name }) => name);
  for (const name of Object.keys(given)) assert.ok(names.includes(name), name);
  for (const { name, doc, argumentList } of prompts) {
    assert.ok(doc.length > 20, name);
    for (const argument of argumentList) {
      assert.notEqual(argument.description, argument.name, `${name}.${argument.name}`);
      const subject = { kind: "prompt", name } as const;
      const asked = { name: argument.name, typed: "" };
      const { values, total } = await registry.library.complete(subject, asked, services);
      assert.ok(total !== null && values.length <= 100 && values.length <= total);
    }
  }
});

kernelTest("prompts refuse what is out of bounds", async () => {
  const services = openServices(configFor("admin"));
  await using _session = services.session;
  for (
    const [name, args] of [
      ["diagnose_latency", { seconds: "601" }],
      ["diagnose_latency", { seconds: "0" }],
      ["find_failing_syscalls", { comm: "a name that is too long" }],
      ["write_bpf_program", {}],
      ["who_uses_bpf", { program_id: "seven" }],
      ["who_uses_bpf", { program_id: "0" }],
      ["who_uses_bpf", { program_id: "007" }],
      ["who_uses_bpf", { program_id: "4294967296" }],
      ["who_uses_bpf", { program_id: "9999999999" }],
      ["audit_host", { strict: "yes" }],
    ] as const
  ) {
    await assert.rejects(render(name, args, services), { category: "validation" }, name);
  }
});

const loaded = z.object({
  object_id: z.string(),
  programs: z.array(z.object({
    program_id: z.int(),
    name: z.string(),
  })),
});
const failures = z.object({
  entries: z.array(z.object({
    key: z.object({ comm: z.string(), syscall: z.int(), error: z.int() }),
    value: z.int(),
  })),
});
/** Compiles as a prompt says, loads, attaches all of it, and gives what the map holds then. */
async function follow<Answer>(
  name: string,
  source: string,
  { map, shape, meanwhile }: {
    readonly map: string;
    readonly shape: z.ZodType<Answer>;
    readonly meanwhile: () => Promise<unknown>;
  },
): Promise<Answer> {
  const folder = await Deno.makeTempDir({ prefix: "ebpf-mcp-test-" });
  await Deno.writeTextFile(`${folder}/${name}.bpf.c`, source);
  await mustRun("sh", ["-c", `cd ${folder} && ${compileCommand(name)}`]);
  const services = openServices(configFor("admin", { objects: folder }));
  await using _session = services.session;
  const ask = async <Value>(shape: z.ZodType<Value>, tool: string, args: unknown) => {
    const found = registry.find(tool) ?? assert.fail(tool);
    const request = { signal: never, progress: () => Promise.resolve() };
    const answer = await registry.call(found, args, services, request);
    assert.ok(answer.ok, answer.json);
    return shape.parse(answer.result);
  };
  const path = `${folder}/${name}.bpf.o`;
  const object = await ask(loaded, "load_program", { source: { type: "file", path } });
  for (const { program_id } of object.programs) {
    await ask(z.object({}), "attach_program", { program_id, attachment: { type: "auto" } });
  }
  await meanwhile();
  const answer = await ask(shape, "map_dump", { map_name: map, max_entries: 4096 });
  await ask(z.object({}), "unload_program", { object_id: object.object_id });
  await Deno.remove(folder, { recursive: true });
  return answer;
}

kernelTest("find_failing_syscalls hands over a program that counts failing calls", async () => {
  const { entries } = await follow("failing_syscalls", failingSyscalls, {
    map: "failures",
    shape: failures,
    meanwhile: () => mustRun("sh", ["-c", "for i in 1 2 3 4 5; do cat /no/such/file; done; true"]),
  });
  const found = entries.find(({ key }) => key.comm === "cat" && key.error === 2);
  assert.ok(found !== undefined && found.value >= 5, JSON.stringify(entries.slice(0, 5)));
});

kernelTest("prompts are offered to the roles that can follow them", () => {
  const offered = (role: Role) => {
    return registry.library.within(configFor(role)).prompts.map(({ name }) => name);
  };
  assert.deepEqual(offered("viewer"), ["who_uses_bpf", "explain_verifier_rejection", "audit_host"]);
  assert.ok(offered("observer").includes("diagnose_latency"));
  assert.ok(!offered("observer").includes("write_bpf_program"));
  assert.ok(offered("operator").includes("write_bpf_program"));
});
