import assert from "node:assert/strict";
import * as z from "zod";
import { EBPFError, type ErrorCode } from "../../../src/errors.ts";
import { definePrompt } from "../../../src/prompts/define_prompt.ts";
import { defineResource } from "../../../src/resources/define_resource.ts";
import { defineResourceTemplate } from "../../../src/resources/define_resource_template.ts";
import { Library } from "../../../src/server/library.ts";
import { Registry } from "../../../src/server/registry.ts";
import { configure, sampleServices } from "./sample_tools.ts";

const signal = new AbortController().signal;
const traits = { title: "T", doc: "D", mimeType: "text/plain", toolset: "reflect" } as const;

const fixed = defineResource({
  ...traits,
  uri: "t://fixed",
  name: "fixed",
  effect: "read",
  read: ({ request }) => `budget ${request.byteBudget}`,
});

const secret = defineResource({
  ...traits,
  uri: "t://secret",
  name: "secret",
  effect: "destroy",
  read: () => "never",
});

const byId = defineResourceTemplate({
  ...traits,
  uriTemplate: "t://by/{id}",
  name: "by_id",
  effect: "read",
  variables: z.strictObject({ id: z.coerce.number().int().min(1).max(99) }),
  complete: { id: () => ["1", "12", "2"] },
  read: ({ id }) => Uint8Array.of(id),
});

const prompt = definePrompt({
  name: "ask",
  title: "Ask",
  doc: "Asks.",
  toolset: "stream",
  effect: "observe",
  arguments: z.strictObject({
    what: z.string().max(5).describe("About what"),
    how: z.string().max(5).optional().describe("How"),
  }),
  complete: { what: (typed) => [`${typed}!`, "other"] },
  render: ({ what }) => [{ role: "user", content: { type: "text", text: what } }],
});

const library = new Library({ resources: [fixed, secret], templates: [byId], prompts: [prompt] });
const services = sampleServices(configure());

async function refused(work: () => unknown, code: ErrorCode): Promise<EBPFError> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof EBPFError, String(error));
    assert.equal(error.code, code);
    return error;
  }
  throw new Error(`it was not refused with ${code}`);
}

Deno.test("Library reads what is within reach", async () => {
  assert.deepEqual(await library.read("t://fixed", services, signal), {
    uri: "t://fixed",
    mimeType: "text/plain",
    body: "budget 8192",
  });
  const { body } = await library.read("t://by/7", services, signal);
  assert.deepEqual(body, Uint8Array.of(7));
});

Deno.test("Library tells of what is not there, naming what is", async () => {
  for (const uri of ["t://other", "t://by/0", "t://by/x", "t://by/1/2", ""]) {
    const error = await refused(() => library.read(uri, services, signal), "resource_not_found");
    assert.deepEqual(error.context.resources, ["t://fixed"]);
    assert.deepEqual(error.context.templates, ["t://by/{id}"]);
  }
});

Deno.test("Library refuses what the role or a flag hides, and does not list it", async () => {
  const error = await refused(
    () => library.read("t://secret", services, signal),
    "tool_not_allowed",
  );
  assert.equal(error.context.wanted_role, "admin");
  await refused(() => library.watch("t://secret", services, () => {}), "tool_not_allowed");
  const viewer = sampleServices(configure({}, "viewer"));
  await refused(() => library.render("ask", { what: "x" }, viewer, signal), "tool_not_allowed");
  assert.deepEqual(library.within(viewer.config).prompts, []);
  const excluded = sampleServices(configure({ "exclude-tools": "by_id" }));
  await refused(() => library.read("t://by/7", excluded, signal), "tool_not_allowed");
  await refused(
    () => library.complete(template, { name: "id", typed: "" }, excluded),
    "tool_not_allowed",
  );
  assert.deepEqual(library.within(excluded.config).templates, []);
});

const template = { kind: "template", uriTemplate: "t://by/{id}" } as const;

Deno.test("Library.render checks arguments like a tool's", async () => {
  const messages = await library.render("ask", { what: "x" }, services, signal);
  assert.deepEqual(messages, [{ role: "user", content: { type: "text", text: "x" } }]);
  await refused(() => library.render("aks", {}, services, signal), "unknown_prompt");
  const unknown = await refused(
    () => library.render("ask", { what: "x", wat: "y" }, services, signal),
    "invalid_arguments",
  );
  assert.deepEqual(unknown.context.accepted, ["what", "how"]);
  assert.deepEqual(unknown.context.arguments, ["wat"]);
  assert.match(unknown.message, /^Cannot get "ask": unknown argument "wat"/);
  assert.equal(unknown.context.hint, "`prompts/list` shows what each prompt takes");
  await refused(
    () => library.render("ask", { what: "too long" }, services, signal),
    "invalid_arguments",
  );
});

Deno.test("definePrompt says which arguments are required", () => {
  assert.deepEqual(prompt.argumentList, [
    { name: "what", description: "About what", required: true },
    { name: "how", description: "How", required: false },
  ]);
});

Deno.test("Library.complete gives what begins as typed, in any case", async () => {
  const asked = (name: string, typed: string) =>
    library.complete(template, { name, typed }, services);
  assert.deepEqual(await asked("id", "1"), { values: ["1", "12"], total: 2 });
  assert.deepEqual(await asked("id", "3"), { values: [], total: 0 });
  await refused(() => asked("nonsense", ""), "invalid_arguments");
  const ask = { kind: "prompt", name: "ask" } as const;
  const what = await library.complete(ask, { name: "what", typed: "Ab" }, services);
  assert.deepEqual(what.values, ["Ab!"]);
  const how = await library.complete(ask, { name: "how", typed: "" }, services);
  assert.deepEqual(how.values, []);
  const other = { kind: "template", uriTemplate: "t://x/{id}" } as const;
  await refused(
    () => library.complete(other, { name: "id", typed: "" }, services),
    "resource_not_found",
  );
});

Deno.test("Library.complete reads no more of a long list than an answer has room for", async () => {
  let read = 0;
  function* numbers(most: number) {
    for (; read < most; read++) yield String(read);
  }
  const endless = (most: number) => {
    read = 0;
    const id = () => numbers(most);
    const variables = z.strictObject({ id: z.string() });
    const { name, uriTemplate } = { name: "endless", uriTemplate: "t://endless/{id}" };
    const many = defineResourceTemplate({
      ...traits,
      ...{ name, uriTemplate, variables, effect: "read", complete: { id }, read: () => "" },
    });
    const subject = { kind: "template", uriTemplate } as const;
    const one = new Library({ templates: [many] });
    return one.complete(subject, { name: "id", typed: "" }, services);
  };
  const cut = await endless(70_000);
  assert.deepEqual([cut.values.length, cut.values.at(-1), cut.total], [100, "99", null]);
  assert.equal(read, 100, "the hundred and first tells that there is more");
  assert.deepEqual(await endless(2), { values: ["0", "1"], total: 2 });
});

Deno.test("Library.complete hands on what is settled of the other variables", async () => {
  const pair = defineResourceTemplate({
    ...traits,
    uriTemplate: "t://pair/{first}/{second}",
    name: "pair",
    effect: "read",
    variables: z.strictObject({ first: z.string(), second: z.string() }),
    complete: { second: (_typed, _services, { first }) => [`${first ?? "any"}-1`] },
    read: () => "",
  });
  const paired = new Library({ templates: [pair] });
  const subject = { kind: "template", uriTemplate: "t://pair/{first}/{second}" } as const;
  const asked = { name: "second", typed: "" };
  const given = await paired.complete(subject, { ...asked, given: { first: "a" } }, services);
  assert.deepEqual(given.values, ["a-1"]);
  assert.deepEqual((await paired.complete(subject, asked, services)).values, ["any-1"]);
});

Deno.test("Library bounds completions and says how many there are", async () => {
  const many = defineResourceTemplate({
    ...traits,
    uriTemplate: "t://many/{id}",
    name: "many",
    effect: "read",
    variables: z.strictObject({ id: z.string() }),
    complete: { id: () => Array.from({ length: 250 }, (_, index) => `v${index}`) },
    read: () => "",
  });
  const { values, total } = await new Library({ templates: [many] }).complete(
    { kind: "template", uriTemplate: "t://many/{id}" },
    { name: "id", typed: "V" },
    services,
  );
  assert.equal(values.length, 100);
  assert.equal(total, 250);
});

Deno.test("Registry refuses two offers of one name", () => {
  assert.throws(() => new Registry([], { resources: [fixed, fixed] }), /share a name/);
});

Deno.test("Library gives up a reading that is cancelled", async () => {
  const stuck = defineResource({
    ...traits,
    uri: "t://stuck",
    name: "stuck",
    effect: "read",
    async read({ request }) {
      const { promise, reject } = Promise.withResolvers<never>();
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      return await promise;
    },
  });
  const abort = new AbortController();
  const reading = new Library({ resources: [stuck] }).read("t://stuck", services, abort.signal);
  abort.abort();
  await refused(() => reading, "cancelled");
});
