import assert from "node:assert/strict";
import { log, startLog } from "../../src/log.ts";

/** An output that keeps what it gets, one write at a time, when it is let. */
class Recorder {
  text = "";
  readonly #gate: Promise<void>;

  constructor(gate = Promise.resolve()) {
    this.#gate = gate;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#gate;
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }
}

Deno.test("log writes one line per record of its level and above", async () => {
  const recorder = new Recorder();
  const lines = startLog("warning", recorder);
  log("server").info("not this");
  log("server").warning("{calls} calls of {tool}", { calls: 3, tool: "map_dump" });
  await lines.flush();
  assert.match(recorder.text, /^\d{4}-\d\d-\d\dT\S+ warning server: 3 calls of map_dump\n$/);
});

Deno.test("log escapes what a terminal would obey", async () => {
  const recorder = new Recorder();
  const lines = startLog("info", recorder);
  log("server").info("comm {comm}", { comm: "\u001b[2J\nfake line" });
  await lines.flush();
  assert.match(recorder.text, /comm \\x1b\[2J\\nfake line\n$/);
});

Deno.test("log writes nothing when it is off", async () => {
  const recorder = new Recorder();
  const lines = startLog("off", recorder);
  log("server").error("not this");
  await lines.flush();
  assert.equal(recorder.text, "");
});

Deno.test("log drops lines, and says how many, while nobody reads stderr", async () => {
  const gate = Promise.withResolvers<void>();
  const recorder = new Recorder(gate.promise);
  const lines = startLog("info", recorder);
  for (let i = 0; i < 300; i++) log("server").info("line {i}", { i });
  await lines.flush(); // gives up on a reader that does not read
  assert.equal(recorder.text, "");
  gate.resolve();
  await lines.flush();
  log("server").info("after");
  await lines.flush();
  assert.match(recorder.text, /\(44 lines dropped\)\n[^\n]*after\n$/);
});
