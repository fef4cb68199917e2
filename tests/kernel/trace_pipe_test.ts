// What programs print, read as a stream through the tools. The trace buffer is the kernel's own:
// other lines may come in between.
import assert from "node:assert/strict";
import * as z from "zod";
import { streamAnswerShape } from "../../src/tools/stream_answer.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, runProgram } from "../support/loaded.ts";
import { ToolSession } from "../support/tool_calls.ts";

const answerSchema = z.object(streamAnswerShape);
type Answer = z.output<typeof answerSchema>;

const printed = [{ field: "program", op: "eq", value: "print_lines" }];

async function ask(tools: ToolSession, name: string, args: unknown): Promise<Answer> {
  const answer = answerSchema.parse(await tools.call(name, args));
  const { received, returned, aggregated, filtered, dropped } = answer;
  assert.equal(received, returned + aggregated + filtered + dropped.ours);
  return answer;
}

/** A stream of the lines from now on: what others left in the buffer is taken out before. */
async function start(tools: ToolSession, args: Record<string, unknown> = {}): Promise<string> {
  for (let left = 1, rounds = 0; left > 0 && rounds < 100; rounds++) {
    const look = { source: "trace_pipe", duration_ms: 10, aggregate: {} };
    left = (await ask(tools, "stream_events", look)).aggregated;
  }
  const given = { source: "trace_pipe", background: true, ...args };
  return (await ask(tools, "stream_events", given)).stream_id;
}

kernelTest("trace_pipe: gives what a program prints, and whose it is", async () => {
  await using tools = new ToolSession();
  await using object = await load("printk", { burst: 3 });
  const stream_id = await start(tools, { filters: { where: printed } });
  runProgram(object, "print_lines");
  await ask(tools, "stop_stream", { stream_id });
  const { events, map_id } = await ask(tools, "read_stream", { stream_id });
  assert.equal(map_id, null);
  assert.deepEqual(
    events.map(({ text }) => text),
    [0, 1, 2].map((number) => {
      return `print_lines: number=${number} of a test`;
    }),
  );
  for (const { tid, comm, cpu, event, timestamp_ns } of events) {
    const name = Deno.readTextFileSync(`/proc/self/task/${tid}/comm`).trim();
    assert.ok(comm === name || comm === "<...>"); // the kernel remembers some names, not all
    assert.equal(event, "bpf_trace_printk");
    assert.ok(Number(cpu) < navigator.hardwareConcurrency);
    assert.ok(Number(timestamp_ns) > 0);
  }
});

kernelTest(
  "trace_pipe: makes control characters visible, and names no program unasked",
  async () => {
    await using tools = new ToolSession();
    await using object = await load("printk");
    const where = [{ field: "text", op: "prefix", value: "plain" }];
    const stream_id = await start(tools, { filters: { where }, fields: ["program", "text"] });
    runProgram(object, "print_plain");
    await ask(tools, "stop_stream", { stream_id });
    const { events } = await ask(tools, "read_stream", { stream_id });
    const text = "plain \\x1b[31m text: with a colon";
    assert.deepEqual(events, [{ program: "", text }]);
  },
);

kernelTest("trace_pipe: takes each line of a text as one, however short", async () => {
  await using tools = new ToolSession();
  await using object = await load("printk");
  const stream_id = await start(tools, { aggregate: { by: ["text"] } });
  const runs = 200;
  for (let run = 0; run < runs; run++) runProgram(object, "print_short");
  const { aggregate, dropped } = await ask(tools, "stop_stream", { stream_id });
  const rows = aggregate?.rows.filter(({ text }) => /^[a-d]$/.test(String(text)));
  // a buffer that tracing has not been used in since the boot has 7 KB: it may be overwritten
  const each = 16 * (runs - Number(dropped.kernel));
  assert.ok(each > 0);
  assert.deepEqual(rows?.map(({ count }) => count), [1, 2, 3, 4].map(() => each));
});

kernelTest("trace_pipe: takes no more lines than it gives, or counts them as lost", async () => {
  await using tools = new ToolSession();
  const burst = 20;
  await using object = await load("printk", { burst });
  const filters = { where: printed };
  const first = await start(tools, { max_events: 3, filters });
  runProgram(object, "print_lines");
  await ask(tools, "read_stream", { stream_id: first, wait_ms: 5_000, limit: 1 });
  const few = await ask(tools, "stop_stream", { stream_id: first });
  assert.deepEqual([few.ended_by, few.returned + few.pending], ["max_events", 3]);
  const look = { source: "trace_pipe", duration_ms: 50, aggregate: {}, filters };
  const rest = await ask(tools, "stream_events", look);
  // a small buffer may have been overwritten before, which is told to whoever reads next
  const lost = Number(few.dropped.kernel) + Number(rest.dropped.kernel);
  assert.ok(few.returned + few.pending + rest.aggregated + lost >= burst);
});

kernelTest(
  "trace_pipe: accounts for every line, also those that the kernel overwrote",
  async () => {
    await using tools = new ToolSession();
    const burst = 100_000; // several times what the buffer of one CPU holds
    await using object = await load("printk", { burst });
    const stream_id = await start(tools, { aggregate: { by: ["program"] } });
    runProgram(object, "print_lines");
    const { aggregate, dropped } = await ask(tools, "stop_stream", { stream_id });
    const row = aggregate?.rows.find(({ program }) => program === "print_lines");
    const lost = Number(dropped.kernel);
    const others = Number(aggregate?.events) - Number(row?.count);
    assert.ok(lost > 0);
    assert.ok(Number(row?.count) + lost >= burst && Number(row?.count) + lost <= burst + others);
  },
);

kernelTest("trace_pipe: is read by one stream of a session, and by none afterwards", async () => {
  await using tools = new ToolSession();
  const stream_id = await start(tools);
  const second = tools.call("stream_events", { source: "trace_pipe" });
  await assert.rejects(second, { code: "map_in_use" });
  await ask(tools, "stop_stream", { stream_id });
  const again = await ask(tools, "stream_events", { source: "trace_pipe", duration_ms: 20 });
  assert.equal(again.ended_by, "duration");
});

kernelTest("trace_pipe: refuses what has no meaning for lines", async () => {
  await using tools = new ToolSession();
  for (const args of [{ event_type: "trace_line" }, { map_id: 1 }, { program_id: 1 }]) {
    const wrong = tools.call("stream_events", { source: "trace_pipe", ...args });
    await assert.rejects(wrong, { code: "invalid_arguments" });
  }
  const wrong = tools.call("stream_events", { source: "trace_pipe", fields: ["line"] });
  await assert.rejects(wrong, { code: "unknown_field" });
});
