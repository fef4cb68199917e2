// What a client is offered for the variables of resources and the arguments of prompts.
import assert from "node:assert/strict";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";

const admin = { args: ["--role", "admin", "--objects", "/"] };

kernelTest("completion/complete offers ids that begin as typed, bounded to 100", async () => {
  await using session = await McpSession.start(admin);
  const { programs, maps } = await session.load(await buildObject("many_programs"));
  assert.ok(programs.length > 0 && maps.length === 0);
  const complete = async (uri: string, name: string, value: string) => {
    const ref = { type: "ref/resource" as const, uri };
    const { completion } = await session.client.complete({ ref, argument: { name, value } });
    return completion;
  };
  const id = String(programs[0]?.program_id);
  for (const uri of ["bpf://programs/{id}", "bpf://programs/{id}/from/{instruction}"]) {
    const all = await complete(uri, "id", "");
    assert.equal(all.values.length, 100);
    assert.ok(all.hasMore === true && (all.total ?? 0) >= 200, JSON.stringify(all.total));
    assert.ok((await complete(uri, "id", id)).values.includes(id));
    assert.deepEqual((await complete(uri, "id", "999999999")).values, []);
  }
  const { attachment_id, links } = await attachOne(session);
  const link = String(links[0]?.link_id);
  assert.ok((await complete("bpf://links/{id}", "id", link)).values.includes(link));
  assert.ok((await complete("bpf://maps/{id}", "id", "")).values.every((one) => /^\d+$/.test(one)));
  await session.detach(attachment_id);
  await assert.rejects(complete("bpf://links/{id}", "name", ""), /no argument "name"/);
  await assert.rejects(complete("bpf://nothing/{id}", "id", ""), /no resource template/);
});

kernelTest("completion/complete offers values for arguments of prompts", async () => {
  await using session = await McpSession.start(admin);
  const complete = async (name: string, argument: string, value: string) => {
    const ref = { type: "ref/prompt" as const, name };
    const { completion } = await session.client.complete({
      ref,
      argument: { name: argument, value },
    });
    return completion.values;
  };
  assert.deepEqual(await complete("diagnose_latency", "seconds", "3"), ["30", "300"]);
  assert.deepEqual(await complete("write_bpf_program", "hook", "tra"), ["tracepoint"]);
  assert.deepEqual(await complete("observe", "gadget", "exec"), ["exec_snoop"]);
  assert.deepEqual(await complete("explain_verifier_rejection", "object_id", ""), []);
  const source = { type: "file", path: await buildObject("rejected") };
  const { context } = await session.refusal("load_program", { source });
  const [objectId] = await complete("explain_verifier_rejection", "object_id", "");
  assert.ok(objectId !== undefined, JSON.stringify(context));
  const { messages: [message] } = await session.client.getPrompt({
    name: "explain_verifier_rejection",
    arguments: {},
  });
  assert.ok(message?.content.type === "text");
  assert.ok(message.content.text.includes(objectId), "the newest refusal is the one that is meant");
});

async function attachOne(session: McpSession) {
  const { programs } = await session.load(await buildObject("attach_kinds"));
  const program = programs.find(({ name }) => name === "on_raw_tracepoint");
  assert.ok(program);
  return await session.attach(program.program_id, { type: "auto" });
}
