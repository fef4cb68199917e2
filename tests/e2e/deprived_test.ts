// Every reading tool where the host gives less: what remains of its answer, and the remedy that it
// names for what does not. Beside them the tools that load, attach and dump.
import assert from "node:assert/strict";
import * as z from "zod";
import { type Arguments, McpSession } from "../support/client.ts";
import { type Deprivation, deprivations } from "../support/deprivations.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { PinFolder } from "../support/pin_folder.ts";
import { VethPair } from "../support/veth_pair.ts";

const gap = z.object({ what: z.string(), why: z.string(), remedy: z.string() });
const answerShape = z.looseObject({ missing: z.array(gap).optional() });
type Gap = z.infer<typeof gap>;

const checksShape = z.looseObject({
  checks: z.array(z.looseObject({
    name: z.string(),
    status: z.enum(["ok", "degraded", "missing"]),
    repair: z.string().nullable(),
  })),
});

/** What each tool is asked, but for what only the test's own objects tell. */
const questions: Readonly<Record<string, Arguments>> = {
  list_tracepoints: { pattern: "sched_switch", fields: ["arguments"] },
  list_kernel_functions: { pattern: "vfs_read", with: ["address", "prototype"] },
  get_btf_types: { pattern: "task_struct", kinds: ["struct"], depth: 0, limit: 1 },
  list_bpf_program_types: { limit: 2 },
  list_bpf_map_types: { limit: 2 },
  inspect_hooks: {},
  inspect_state: {},
  map_dump: {},
  load_program: { constraints: { verify_only: true } },
  list_gadgets: { name: "exec_snoop" },
  run_gadget: { gadget: "exec_snoop", duration_ms: 50 },
};

/** What every answer has where nothing is missing. */
const whole: Readonly<Record<string, readonly RegExp[]>> = {
  list_tracepoints: [/"name":"sched:sched_switch"/, /"name":"prev_comm","type":"char\[16\]"/],
  list_kernel_functions: [/"name":"vfs_read","module":"vmlinux"/, /"address":"0x[1-9a-f]/],
  get_btf_types: [/"kind":"struct","name":"task_struct","size":\d/],
  list_bpf_program_types: [/"name":"socket_filter","number":1,.*"accepted":true/, /"total":3\d/],
  list_bpf_map_types: [/"name":"hash","number":1,.*"accepted":true/, /"total":3\d/],
  inspect_hooks: [/"raw_tracepoint":[1-9]/],
  inspect_state: [/"programs":\{"items":\[\{/, /"maps":\{"items":\[\{/, /"links":\{"items":\[\{/],
  map_dump: [/"entries":\[\{/],
  load_program: [/"programs":\[\{"program_id":\d+,"name":"on_getppid"/, /"released":true/],
  list_gadgets: [/"name":"exec_snoop".*"can_run":true/],
  run_gadget: [/"ended_by":"duration"/],
};

/** What a tool is asked about, by its name. */
type Subjects = Readonly<Record<string, Arguments>>;

/** Something of ours in the kernel, so that lists of objects are not empty. */
async function fillKernel(session: McpSession): Promise<Subjects> {
  const bytes = await Deno.readFile(await buildObject("flood"));
  const object = await session.load(await buildObject("attach_kinds"), {
    programs: ["on_raw_tracepoint"],
  });
  const [program] = object.programs;
  const map = object.maps.find(({ type }) => type === "array");
  assert.ok(program !== undefined && map !== undefined);
  await session.attach(program.program_id, { type: "raw_tracepoint", name: "sys_enter" });
  return {
    map_dump: { map_id: map.map_id },
    load_program: { source: { type: "data", blob: bytes.toBase64() } },
  };
}

async function ask(session: McpSession, tool: string, subjects: Subjects) {
  const args = { ...questions[tool], ...subjects[tool] };
  const { isError, content: [{ text }] } = await session.call(tool, args);
  return { isError: isError === true, text };
}

function gapsOf(text: string): Gap[] {
  return answerShape.parse(JSON.parse(text)).missing ?? [];
}

/** What a tool leaves out when a busy host takes too long. */
const busy = /too many open files on this host|took \d+ ms/;

/** What this host lacks by itself: its lockdown, its kernel's configuration. */
async function ownGaps(session: McpSession, subjects: Subjects): Promise<ReadonlySet<string>> {
  const all: Gap[] = [];
  for (const tool of Object.keys(questions)) {
    const { isError, text } = await ask(session, tool, subjects);
    assert.ok(!isError, `${tool} works on the whole host: ${text}`);
    for (const part of whole[tool] ?? []) assert.match(text, part, `${tool} on the whole host`);
    all.push(...gapsOf(text));
  }
  return new Set(all.map(kindOf));
}

/** What is missing, without how much of it: other tests make processes and namespaces. */
function kindOf({ what }: Gap): string {
  return what.replaceAll(/\d+/g, "N");
}

async function checkTool(
  session: McpSession,
  tool: string,
  subjects: Subjects,
  without: Deprivation,
  own: ReadonlySet<string>,
): Promise<void> {
  const { isError, text } = await ask(session, tool, subjects);
  const expected = without.tools[tool] ?? {};
  const { refused } = expected;
  assert.equal(isError, refused !== undefined, text);
  if (refused !== undefined) {
    for (const part of refused) assert.match(text, part);
    return;
  }
  for (const part of expected.remains ?? whole[tool] ?? []) assert.match(text, part);
  const gaps = gapsOf(text);
  const wanted = expected.missing ?? [];
  for (const [what, remedy] of wanted) {
    const gap = gaps.find((candidate) => what.test(candidate.what));
    assert.ok(gap !== undefined, `${what} is missing: ${gaps.map(kindOf).join(" / ")}`);
    assert.match(gap.remedy, remedy);
  }
  const known = [...wanted, ...expected.possible ?? []];
  const surplus = gaps.filter((gap) => {
    return !own.has(kindOf(gap)) && !busy.test(gap.why) &&
      !known.some(([what, remedy]) => what.test(gap.what) && remedy.test(gap.remedy));
  });
  assert.deepEqual(surplus, []);
}

/** The checks that this deprivation makes worse, with what repairs them. */
async function checkSystem(session: McpSession, without: Deprivation): Promise<void> {
  const { checks } = await session.ask(checksShape, "system_info", { fields: ["checks"] });
  for (const [name, [status, repair]] of Object.entries(without.checks)) {
    const check = checks.find((candidate) => candidate.name === name);
    assert.equal(check?.status, status, name);
    if (repair === null) assert.equal(check.repair, null, name);
    else assert.match(check.repair ?? "", repair, name);
  }
}

kernelTest("every tool gives what remains, and names the remedy, without", async (t) => {
  await using full = await McpSession.start();
  const subjects = await fillKernel(full);
  await using pins = await PinFolder.make();
  await Deno.chmod(await pins.add("map", z.int().parse(subjects.map_dump?.map_id)), 0);
  await using _namespace = await VethPair.make(); // which one may enter or not
  const own = await ownGaps(full, subjects);
  for (const without of deprivations) {
    await t.step(without.name, async (t) => {
      await using session = await McpSession.start({ wrapper: without.wrapper });
      for (const tool of Object.keys(questions)) {
        await t.step(tool, () => checkTool(session, tool, subjects, without, own));
      }
      await t.step("system_info", () => checkSystem(session, without));
    });
  }
});
