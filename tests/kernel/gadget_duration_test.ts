// startGadget: the time of a run is that of its programs, however long they wait to be attached.
import assert from "node:assert/strict";
import { startGadget } from "../../src/gadgets/runner.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { never } from "../support/session.ts";
import { ToolSession } from "../support/tool_calls.ts";

const durationMs = 100;
const workMs = 200;

for (const name of ["exec_snoop", "run_queue_latency"]) {
  kernelTest(`startGadget: ${name} runs for its time after it was attached`, async () => {
    await using tools = new ToolSession();
    const { session } = tools;
    const gadget = session.services.gadgets.get(name);
    // libbpf's work is done one after the other: somebody else's comes between load and attach
    const work = () => new Promise<void>((resolve) => setTimeout(resolve, workMs));
    const loaded = session.changes.listen(() => {
      loaded[Symbol.dispose]();
      void session.services.loader.exclusively(work);
    });
    const options = { format: "json", durationMs } as const;
    const { object, stream } = await startGadget(session, gadget, {}, options, never);
    const attached = performance.now();
    assert.equal(session.attachments.size, object.programs.length);
    await stream.waitForEnd(10_000, never);
    const ran = performance.now() - attached;
    assert.equal(stream.end, "duration");
    assert.ok(ran >= 0.95 * durationMs, `it ran ${ran} ms`);
  });
}
