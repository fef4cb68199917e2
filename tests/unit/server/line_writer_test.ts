import assert from "node:assert/strict";
import { LineWriter } from "../../../src/server/line_writer.ts";
import { LineSink } from "./pipes.ts";

/** An output that takes nothing until it is let. */
class SlowSink extends LineSink {
  readonly #gate = Promise.withResolvers<void>();

  open(): void {
    this.#gate.resolve();
  }

  override async write(bytes: Uint8Array): Promise<number> {
    await this.#gate.promise;
    return await super.write(bytes);
  }
}

Deno.test("LineWriter writes one line per message, in order, through short writes", async () => {
  const sink = new LineSink(3);
  const writer = new LineWriter(sink);
  await Promise.all([1, "zwei", { drei: 3 }].map((message) => writer.send(message)));
  assert.equal(sink.text, '1\n"zwei"\n{"drei":3}\n');
});

Deno.test("LineWriter.drained waits only while over 4 MiB are waiting", async () => {
  const sink = new SlowSink(1 << 20);
  const writer = new LineWriter(sink);
  const sent = [writer.send("small")];
  await writer.drained();
  sent.push(writer.send("x".repeat(5 << 20)));
  let isDrained = false;
  const drained = writer.drained().then(() => {
    isDrained = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(isDrained, false);
  sink.open();
  await drained;
  await Promise.all(sent);
  assert.equal(sink.text.length, 8 + (5 << 20) + 3);
});

Deno.test("LineWriter rejects what waits and what follows when the output breaks", async () => {
  const sink = new LineSink();
  sink.isClosed = true;
  const writer = new LineWriter(sink);
  const outcomes = await Promise.allSettled([writer.send(1), writer.send(2)]);
  assert.deepEqual(outcomes.map((outcome) => outcome.status), ["rejected", "rejected"]);
  await writer.failure;
  await assert.rejects(writer.send(3), Deno.errors.BrokenPipe);
  await writer.flushed();
  assert.equal(sink.text, "");
});
