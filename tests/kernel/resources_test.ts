// Every resource read in the test's own process: what it says is what bpftool and tracefs say.
import assert from "node:assert/strict";
import * as z from "zod";
import { EBPFError } from "../../src/errors.ts";
import { resources, resourceTemplates } from "../../src/resources/shelf.ts";
import { Library } from "../../src/server/library.ts";
import { loaded } from "../support/answers.ts";
import { configFor, openServices } from "../support/in_process.ts";
import { show } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { never } from "../support/session.ts";
import { ToolSession } from "../support/tool_calls.ts";

const library = new Library({ resources, templates: resourceTemplates });
const member = z.looseObject({});

kernelTest("bpf://programs, maps and links name what a session made", async () => {
  await using tools = new ToolSession({ objects: "/" });
  const services = openServices(configFor("viewer"));
  await using _session = services.session;
  const source = { type: "file", path: await buildObject("attach_kinds") };
  const object = loaded.parse(
    await tools.call("load_program", { source, programs: ["on_raw_tracepoint"] }),
  );
  const [{ program_id }] = object.programs;
  const attachment = { type: "auto" };
  const attached = z.looseObject({ links: z.array(z.object({ link_id: z.int() })) })
    .parse(await tools.call("attach_program", { program_id, attachment }));
  const [{ link_id }] = attached.links;
  const [{ map_id }] = object.maps;
  const own = [["programs", program_id, "prog"], ["maps", map_id, "map"], [
    "links",
    link_id,
    "link",
  ]];
  for (const [list, id, kind] of own) {
    const all = String((await library.read(`bpf://${list}`, services, never)).body);
    assert.match(all, new RegExp(`_id":${id}\\b`), `bpf://${list} has ${id}`);
    const { body } = await library.read(`bpf://${list}/${id}`, services, never);
    const shown = member.parse(JSON.parse(String(body)));
    assert.ok(Object.keys(shown).length > 0);
    const witness = z.enum(["prog", "map", "link"]).parse(kind);
    assert.equal((await show(witness, Number(id)))?.id, id);
  }
  await tools.call("unload_program", { object_id: object.object_id });
  for (const [list, id] of own) {
    await assert.rejects(library.read(`bpf://${list}/${id}`, services, never), EBPFError);
  }
});

kernelTest(
  "bpf://btf and bpf://tracepoints describe what has the name, and only that",
  async () => {
    const services = openServices(configFor("viewer"));
    await using _session = services.session;
    const read = async (uri: string) => String((await library.read(uri, services, never)).body);
    assert.match(await read("bpf://btf/task_struct"), /"name":"task_struct"/);
    const format = await Deno.readTextFile(
      "/sys/kernel/tracing/events/sched/sched_process_exec/format",
    );
    const [, id] = /^ID: (\d+)$/m.exec(format) ?? [];
    assert.match(
      await read("bpf://tracepoints/sched/sched_process_exec"),
      new RegExp(`"id":${id}\\b`),
    );
    const none = ["bpf://btf/no_such_type_here", "bpf://tracepoints/sched/no_such_event"];
    for (const uri of none) {
      await assert.rejects(read(uri), (error) => {
        assert.ok(error instanceof EBPFError, `${uri}: ${error}`);
        assert.equal(error.code, "resource_not_found");
        return true;
      });
    }
  },
);

kernelTest(
  "list_bpf_program_types tells of helpers and kfuncs whether they may be called",
  async () => {
    await using tools = new ToolSession();
    const calls = z.looseObject({
      helpers: z.array(z.looseObject({ name: z.string(), accepted: z.boolean().nullable() }))
        .default([]),
      kfuncs: z.array(z.looseObject({ name: z.string() })).default([]),
    });
    const ask = async (args: Record<string, unknown>) =>
      calls.parse(await tools.call("list_bpf_program_types", args));
    const { helpers } = await ask({ helpers_for: "xdp", pattern: "adjust_head" });
    assert.deepEqual(helpers.map(({ name, accepted }) => [name, accepted]), [
      ["bpf_xdp_adjust_head", true],
    ]);
    const refused = await ask({ helpers_for: "xdp", pattern: "override_return", accepted: false });
    assert.deepEqual(refused.helpers.map(({ accepted }) => accepted), [false]);
    const { kfuncs } = await ask({ kfuncs_for: "xdp", pattern: "bpf_xdp_metadata" });
    assert.ok(kfuncs.length > 0);
  },
);
