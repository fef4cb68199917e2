// bpf://programs/{id} beside `bpftool prog dump xlated`, instruction by instruction.
import assert from "node:assert/strict";
import * as z from "zod";
import { EBPFError } from "../../src/errors.ts";
import { silenceLibbpf } from "../../src/kernel/libbpf_log.ts";
import { BpfObject } from "../../src/kernel/object.ts";
import { resources, resourceTemplates } from "../../src/resources/shelf.ts";
import { Library } from "../../src/server/library.ts";
import { LoadedObject } from "../../src/session/loaded_object.ts";
import type { Services } from "../../src/tools/define_tool.ts";
import { buildForeign } from "../support/foreign_objects.ts";
import { configFor, openServices } from "../support/in_process.ts";
import { bpftool } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load } from "../support/loaded.ts";
import type { ObjectName } from "../support/objects.ts";
import { never } from "../support/session.ts";

/** Every test object that this kernel, without kprobes and trampolines, takes. */
const objects: readonly ObjectName[] = [
  "attach_kinds",
  "bench_maps",
  "bench_ring",
  "flood",
  "globals",
  "hidden_helpers",
  "kernel_data",
  "maps",
  "no_btf",
  "no_maps",
  "perf_events",
  "small_records",
  "three_events",
  "two_events",
];

/** Other styles: tail calls, callbacks, subprograms, kernel functions, every program type. */
const foreign = [
  "externs",
  "nested_maps",
  "network_sections",
  "cgroup_sections",
  "program_features",
  "tracing_sections",
  "struct_ops",
] as const;

/** The kernel waits for every task before it frees struct_ops: long where many want to run. */
const STRUCT_OPS_PATIENCE_MS = 60_000;

const library = new Library({ resources, templates: resourceTemplates });

const code = z.object({
  code: z.object({
    from: z.int(),
    total: z.int(),
    lines: z.array(z.string()),
    truncated: z.boolean(),
    next_uri: z.string().nullable(),
  }),
  source_file: z.string().nullable(),
});

const theirs = z.array(z.object({
  proto: z.string().optional(),
  src: z.string().optional(),
  disasm: z.string(),
}));

/** The whole code, page after page, each within the budget. */
async function readCode(id: number, services: Services): Promise<string[]> {
  const lines: string[] = [];
  let uri: string | null = `bpf://programs/${id}`;
  for (let pages = 0; uri !== null; pages++) {
    assert.ok(pages < 200, "pages end");
    const { body, mimeType } = await library.read(uri, services, never);
    assert.ok(typeof body === "string" && mimeType === "application/json");
    assert.ok(new TextEncoder().encode(body).length <= services.config.byteBudget, uri);
    const page = code.parse(JSON.parse(body));
    assert.equal(page.code.truncated, page.code.next_uri !== null);
    lines.push(...page.code.lines);
    uri = page.code.next_uri;
  }
  return lines;
}

/** What this bpftool is too old for: it shows a move into per-CPU memory as a plain one. */
function asOldBpftool(line: string): string {
  return line.replace(/= &\(void __percpu \*\)\((r\d+)\)$/, "= $1");
}

/** Programs of the same instructions are one: each bpftool reads all of kallsyms for itself. */
async function compare(
  object: LoadedObject,
  services: Services,
  seen: Set<string>,
): Promise<number> {
  const unseen = object.programs.filter(({ info: { tag } }) => {
    const isSeen = seen.has(tag);
    seen.add(tag);
    return !isSeen;
  });
  const dumps = await Promise.all(unseen.map(async ({ info }) => {
    const answer = await bpftool("prog", "dump", "xlated", "id", String(info.id));
    return { info, rows: theirs.parse(answer) };
  }));
  let count = 0;
  for (const { info, rows } of dumps) {
    const lines = await readCode(info.id, services);
    const own = lines.filter((line) => /^\d+: \(/.test(line));
    const texts = own.map((line) => asOldBpftool(line.replace(/^\d+: /, "")));
    assert.deepEqual(texts, rows.map(({ disasm }) => disasm), info.name);
    count += texts.length;
    const prototypes = lines.filter((line) => /^\S.*\):$/.test(line) && !line.startsWith(";"));
    assert.deepEqual(
      prototypes.map((line) => line.replaceAll("* ", "*")),
      rows.flatMap(({ proto }) => proto === undefined ? [] : `${proto.replaceAll("* ", "*")}:`),
    );
    const sources = rows.flatMap(({ src }) => src === undefined || src === "" ? [] : `; ${src}`);
    // in this bpftool's JSON a backslash has become a line break
    const shown = lines.filter((one) => one.startsWith("; ")).map((one) => {
      return one.replaceAll("\\", "\n");
    });
    assert.deepEqual(withoutRepeats(shown), withoutRepeats(sources));
  }
  return count;
}

function withoutRepeats(lines: readonly string[]): string[] {
  return lines.filter((line, index) => line !== lines[index - 1]);
}

kernelTest("bpf://programs/{id} shows the instructions that bpftool shows", async (t) => {
  const services = openServices(configFor("viewer"));
  await using _session = services.session;
  const seen = new Set<string>();
  let instructions = 0;
  for (const name of objects) {
    await t.step(name, async () => {
      await using object = await load(name);
      instructions += await compare(object, services, seen);
    });
  }
  for (const name of foreign) {
    await t.step(name, async () => {
      silenceLibbpf();
      const bytes = await Deno.readFile(await buildForeign(name, [name]));
      using opened = BpfObject.open(bytes, { name });
      assert.ok(await opened.load() === 0, `${name} loads`);
      await using object = new LoadedObject(`test-${name}`, opened);
      instructions += await compare(object, services, seen);
    });
  }
  assert.ok(instructions > 1000, `${instructions} instructions were compared`);
}, { patienceMs: STRUCT_OPS_PATIENCE_MS });

kernelTest("bpf://programs/{id} says what is not there, and what is", async () => {
  const services = openServices(configFor("viewer"));
  await using _session = services.session;
  for (const uri of ["bpf://programs/4294967295", "bpf://maps/4294967295", "bpf://links/1"]) {
    await assert.rejects(library.read(uri, services, never), (error: unknown) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "resource_not_found");
      assert.match(error.context.hint ?? "", /Read bpf:\/\/(programs|maps|links) for/);
      return true;
    });
    assert.throws(() => library.watch(uri, services, () => {}), { code: "resource_not_found" });
  }
  for (const uri of ["bpf://programs/0", "bpf://programs/4294967296", "bpf://programs/1e3"]) {
    await assert.rejects(library.read(uri, services, never), { code: "resource_not_found" });
  }
});
