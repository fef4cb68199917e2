// Drives the built executable as an MCP client would, and shows that nothing stays behind.
// Every line of proof is the word of a second process that reads the kernel. `--plant-leak` pins
// one program behind the server's back: the demo must then end with exit code 1. `--built` takes
// the executable as it is.
import type * as z from "zod";
import { type Column, table, visible } from "../src/view/text.ts";
import { build } from "./build.ts";
import { mustRun } from "./command.ts";
import { startChildren, type Testimony } from "./demo/children.ts";
import { DemoClient } from "./demo/client.ts";
import {
  type Attached,
  attached,
  inspected,
  type Loaded,
  loaded,
  type Streamed,
  streamed,
} from "./demo/shapes.ts";
import { type Proof, proveEqual, proveGone } from "./demo/witness.ts";
import { distFolder } from "./paths.ts";
import { say } from "./say.ts";
import { runScript, ScriptError } from "./script_error.ts";

const LEAK = "/sys/fs/bpf/ebpf-mcp-demo-leak";

interface Made {
  readonly object: Loaded;
  readonly attachments: readonly Attached[];
  readonly proofs: readonly Proof[];
}

async function demo(): Promise<void> {
  if (Deno.uid() !== 0) throw new ScriptError("must run as root: it loads programs");
  if (!Deno.args.includes("--built")) await build();
  const plant = Deno.args.includes("--plant-leak");
  await using cleanup = new AsyncDisposableStack();
  const made = await drive(plant, cleanup);
  heading("Disconnected: what does the kernel still have of it?");
  const proofs = [...made.proofs, ...await proveNothingStays(made)];
  for (const { claim, holds } of proofs) say(`  ${holds ? "proven" : "FALSE "}  ${claim}`);
  const failed = proofs.filter((proof) => !proof.holds).length;
  say("");
  if (failed > 0) throw new ScriptError(`${failed} of ${proofs.length} claims do not hold`);
  say(`${proofs.length} claims, each confirmed by a second process that read the kernel.`);
}

/** One session from initialize to disconnect. */
async function drive(plant: boolean, cleanup: AsyncDisposableStack): Promise<Made> {
  await using client = await DemoClient.start(new URL("ebpf-mcp", distFolder).pathname);
  const { name, version, instructions } = client.server;
  heading(`initialize: ${name} ${version}`);
  say(`  ${visible(instructions.split("\n")[0])}`);
  say(`  tools: ${(await client.toolNames()).join(" ")}`);
  const object = await load(client);
  const attachments = await attachAll(client, object);
  const before = await proveAlive(object, attachments);
  const { stream, testimonies } = await streamChildren(client, object);
  await showState(client);
  if (plant) await plantLeak(object, cleanup);
  return { object, attachments, proofs: [...before, proveEvents(stream, testimonies)] };
}

async function load(client: DemoClient): Promise<Loaded> {
  const object = read(
    loaded,
    await client.call("load_program", {
      source: { type: "gadget", name: "exec_snoop" },
      globals: { target_ppid: Deno.pid },
    }),
  );
  heading("load_program: the gadget exec_snoop, only for children of this demo");
  show(object.programs, [
    { title: "program_id", text: (row) => String(row.program_id), align: "right" },
    { title: "name", text: (row) => row.name },
    { title: "section", text: (row) => row.section },
    { title: "instructions", text: (row) => String(row.instructions), align: "right" },
  ]);
  show(object.maps, [
    { title: "map_id", text: (row) => String(row.map_id), align: "right" },
    { title: "name", text: (row) => row.name },
    { title: "type", text: (row) => row.type },
    { title: "max_entries", text: (row) => String(row.max_entries), align: "right" },
  ]);
  return object;
}

async function attachAll(client: DemoClient, object: Loaded): Promise<Attached[]> {
  const attachments: Attached[] = [];
  for (const { program_id } of object.programs) {
    const args = { program_id, attachment: { type: "auto" } };
    attachments.push({ ...read(attached, await client.call("attach_program", args)), program_id });
  }
  heading("attach_program: where each section says");
  show(attachments, [
    { title: "attachment", text: (row) => row.attachment_id },
    { title: "target", text: (row) => row.target },
    { title: "links", text: (row) => row.links.map(({ link_id }) => link_id).join(" ") },
    { title: "confirmed", text: (row) => String(row.confirmed) },
  ]);
  return attachments;
}

async function streamChildren(
  client: DemoClient,
  object: Loaded,
): Promise<{ stream: Streamed; testimonies: Testimony[] }> {
  const events = object.maps.find((map) => map.type === "ringbuf");
  const args = { map_id: events?.map_id, background: true, filters: { comm: "cat" } };
  const { stream_id } = read(streamed, await client.call("stream_events", args));
  const testimonies = await startChildren();
  await client.call("stop_stream", { stream_id }); // takes what is still in the ring
  const stream = read(streamed, await client.call("read_stream", { stream_id }));
  heading("stream_events, only comm cat: what the kernel saw of the processes started here");
  show(stream.events, [
    { title: "pid", text: (row) => String(row.pid), align: "right" },
    { title: "ppid", text: (row) => String(row.ppid), align: "right" },
    { title: "comm", text: (row) => row.comm },
    { title: "ret", text: (row) => String(row.ret), align: "right" },
    { title: "args", text: (row) => row.args.join(" ") },
  ]);
  const { received, returned, filtered, dropped } = stream;
  say(
    `  received ${received} = returned ${returned} + filtered ${filtered} + dropped by us ` +
      `${dropped.ours}; dropped in the kernel ${dropped.kernel}`,
  );
  return { stream, testimonies };
}

async function showState(client: DemoClient): Promise<void> {
  heading("inspect_state: who holds what, as the kernel tells it");
  const args = { fields: ["programs", "maps"], mine: true };
  const { programs, maps } = read(inspected, await client.call("inspect_state", args));
  const rows = [
    ...programs.items.map((item) => ({ ...item, what: `program ${item.program_id}` })),
    ...maps.items.map((item) => ({ ...item, what: `map ${item.map_id}` })),
  ];
  show(rows, [
    { title: "object", text: (row) => row.what },
    { title: "name", text: (row) => row.name },
    { title: "type", text: (row) => row.type },
    { title: "owner", text: ({ owners }) => holders(owners) },
  ]);
}

async function plantLeak(object: Loaded, cleanup: AsyncDisposableStack): Promise<void> {
  const [{ program_id }] = object.programs;
  await mustRun("bpftool", ["prog", "pin", "id", String(program_id), LEAK]);
  cleanup.defer(() => Deno.remove(LEAK));
  say(`\n  A leak is planted: program ${program_id} is pinned behind the server's back.`);
}

async function proveAlive(object: Loaded, attachments: readonly Attached[]): Promise<Proof[]> {
  const programs = object.programs.map(({ program_id, tag }) => ({
    id: program_id,
    fields: { tag },
  }));
  const maps = object.maps.map(({ map_id, name, type, max_entries }) => ({
    id: map_id,
    fields: { name, type, max_entries },
  }));
  const links = attachments.flatMap(({ program_id, links }) =>
    links.map(({ link_id }) => ({ id: link_id, fields: { prog_id: program_id } }))
  );
  return [
    await proveEqual(
      `${programs.length} programs were loaded (bpftool: id, tag)`,
      "prog",
      programs,
    ),
    await proveEqual(`${maps.length} maps were made (bpftool: name, type, size)`, "map", maps),
    await proveEqual(`${links.length} links were attached (bpftool: program)`, "link", links),
  ];
}

/** The children's own reading of /proc against the events. */
function proveEvents({ events }: Streamed, testimonies: readonly Testimony[]): Proof {
  const seen = testimonies.filter(({ pid, ppid, comm, args }) =>
    events.some((event) =>
      event.pid === pid && event.ppid === ppid && event.comm === comm &&
      JSON.stringify(event.args) === JSON.stringify(args.map(visible))
    )
  );
  const exact = seen.length === testimonies.length && events.length === testimonies.length;
  const claim = `${events.length} events for ${testimonies.length} processes, ${seen.length} ` +
    "equal to what the process read of itself in /proc (pid, ppid, comm, arguments)";
  return { claim, holds: exact };
}

async function proveNothingStays({ object, attachments }: Made): Promise<Proof[]> {
  const programs = object.programs.map(({ program_id }) => program_id);
  const maps = object.maps.map(({ map_id }) => map_id);
  const links = attachments.flatMap(({ links }) => links.map(({ link_id }) => link_id));
  return [
    await proveGone(`no link of ${links.join(", ")} is left (bpftool)`, "link", links),
    await proveGone(`no program of ${programs.join(", ")} is left (bpftool)`, "prog", programs),
    await proveGone(`no map of ${maps.join(", ")} is left (bpftool)`, "map", maps),
  ];
}

/** Each process once, however many descriptors it has. */
function holders(owners: readonly { pid: number; comm: string }[]): string {
  return [...new Set(owners.map(({ pid, comm }) => `${comm} (${pid})`))].join(" ");
}

function read<Shape extends z.ZodType>(shape: Shape, answer: unknown): z.output<Shape> {
  return shape.parse(answer);
}

function heading(text: string): void {
  say(`\n── ${text} ${"─".repeat(Math.max(0, 92 - text.length))}`);
}

function show<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
  for (const line of table(rows, columns).trimEnd().split("\n")) say(`  ${line}`);
}

if (import.meta.main) await runScript("demo", demo);
