// bpf://session/pictures and lines: what a gadget counted, drawn from real samples.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { Workload } from "../support/workload.ts";

const refused = z.object({ data: z.object({ error: z.object({ code: z.string() }) }) });
const started = z.looseObject({ stream_id: z.string(), picture: z.string().optional() });

async function text({ client }: McpSession, uri: string, mimeType: string): Promise<string> {
  const { contents: [content] } = await client.readResource({ uri });
  assert.ok(content !== undefined && "text" in content && content.uri === uri);
  assert.equal(content.mimeType, mimeType);
  return content.text;
}

/** Runs a gadget in the background while the workload does something; the stream's id. */
async function watch(
  session: McpSession,
  gadget: string,
  params: Record<string, unknown>,
  work: () => Promise<unknown>,
): Promise<string> {
  const { stream_id } = await session.ask(started, "run_gadget", {
    gadget,
    params,
    background: true,
  });
  await work();
  const { picture } = await session.ask(started, "stop_stream", { stream_id });
  const isDrawn = ["profile", "run_queue_latency"].includes(gadget);
  assert.equal(picture, isDrawn ? `bpf://session/pictures/${stream_id}` : undefined);
  return stream_id;
}

kernelTest("a picture of profile is a flame graph, and lines are its stacks", async () => {
  await using workload = await Workload.start("latency");
  await using session = await McpSession.start({ args: [] });
  const params = { pid: workload.pid, frequency: 499 };
  const id = await watch(session, "profile", params, () => workload.run("split 500"));
  const svg = await text(session, `bpf://session/pictures/${id}`, "image/svg+xml");
  assert.match(svg, /^<svg .*<\/svg>\n$/s);
  for (const name of ["latency", "spin_most", "spin_some"]) {
    assert.match(svg, new RegExp(`data-name="${name}"`), name);
  }
  const lines = await text(session, `bpf://session/lines/${id}`, "text/plain");
  const counts = lines.split("\n").map((line) => Number(/ (\d+)$/.exec(line)?.[1]));
  assert.deepEqual(counts, counts.toSorted((a, b) => b - a));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = lines.split("\n").filter((line) => line.includes("spin_most"))
    .reduce((sum, line) => sum + Number(/ (\d+)$/.exec(line)?.[1]), 0);
  assert.ok(Math.abs(most / total - 0.7) < 0.1, `${most} of ${total} in spin_most`);
});

kernelTest("a picture of run_queue_latency is a histogram", async () => {
  await using workload = await Workload.start("latency");
  await using session = await McpSession.start({ args: [] });
  const params = { pid: workload.pid };
  const id = await watch(session, "run_queue_latency", params, () => workload.run("sleep 50 100"));
  const svg = await text(session, `bpf://session/pictures/${id}`, "image/svg+xml");
  assert.ok((svg.match(/class="bar"/g)?.length ?? 0) > 0);
  assert.match(svg, / (ns|us|ms) – /);
  const heat = await text(session, `bpf://session/heat_maps/${id}`, "image/svg+xml");
  assert.ok((heat.match(/class="cell"/g)?.length ?? 0) > 0);
  const lines = await text(session, `bpf://session/lines/${id}`, "text/plain");
  const counts = lines.split("\n").map((line) => Number(/ (\d+) ?\S*$/.exec(line)?.[1]));
  assert.ok(counts.reduce((sum, count) => sum + count, 0) >= 50);
});

kernelTest("pictures of what cannot be drawn are refused", async () => {
  await using session = await McpSession.start({ args: [] });
  const refusal = async (id: string) => {
    const uri = `bpf://session/pictures/${id}`;
    const failed: unknown = await session.client.readResource({ uri }).catch((error) => error);
    return refused.parse(failed).data.error.code;
  };
  const nothing = async () => {};
  const events = await watch(session, "exec_snoop", {}, nothing);
  const table = await watch(session, "trace_errors", {}, nothing);
  assert.equal(await refusal(events), "invalid_arguments");
  assert.equal(await refusal(table), "invalid_arguments");
  assert.equal(await refusal("stream-99"), "stream_not_found");
});

/** How many fell into each range of a histogram's lines. */
function counted(lines: string): number {
  return lines.split("\n").reduce((sum, line) => sum + Number(/ (\d+) ?\S*$/.exec(line)?.[1]), 0);
}

kernelTest("a picture of events is the histogram of their sum, from the start on", async () => {
  await using workload = await Workload.start("opens");
  await using session = await McpSession.start({ args: [] });
  const aggregate = { by: ["path"], compute: [{ op: "hist", field: "latency_ns" }] };
  const params = { pid: workload.pid };
  const run = { gadget: "open_snoop", params, aggregate, background: true };
  const { stream_id, picture } = await session.ask(started, "run_gadget", run);
  assert.equal(picture, `bpf://session/pictures/${stream_id}`);
  await workload.run("openat 40");
  await session.read(stream_id, { wait_ms: 1_200 }); // hands a sum out: the next begins anew
  await workload.run("openat 30");
  const { aggregated } = await session.stop(stream_id);
  assert.ok(aggregated >= 70, String(aggregated));
  const svg = await text(session, `bpf://session/pictures/${stream_id}`, "image/svg+xml");
  assert.match(svg, /hist_latency_ns of events of stream-1/);
  assert.match(svg, / (ns|us|ms) – /);
  const lines = await text(session, `bpf://session/lines/${stream_id}`, "text/plain");
  assert.equal(counted(lines), aggregated);
  const heat = await text(session, `bpf://session/heat_maps/${stream_id}`, "image/svg+xml");
  const cells = [...heat.matchAll(/class="cell".*?: (\d+)<\/title>/g)].map(([, count]) => count);
  assert.equal(cells.reduce((sum, count) => sum + Number(count), 0), aggregated);
});

kernelTest("a picture of events that nobody made is empty, and no failure", async () => {
  await using session = await McpSession.start({ args: [] });
  const aggregate = { compute: [{ op: "hist", field: "latency_ns", scale: "linear", step: 1000 }] };
  const params = { pid: 4_194_304 };
  const run = { gadget: "open_snoop", params, aggregate, duration_ms: 50 };
  const { stream_id } = await session.ask(started, "run_gadget", run);
  for (const [kind, type] of [["pictures", "image/svg+xml"], ["heat_maps", "image/svg+xml"]]) {
    const svg = await text(session, `bpf://session/${kind}/${stream_id}`, type);
    assert.match(svg, /^<svg .*<\/svg>\n$/s);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  }
  assert.equal(await text(session, `bpf://session/lines/${stream_id}`, "text/plain"), "");
});
