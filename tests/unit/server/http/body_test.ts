import assert from "node:assert/strict";
import { BodyReader } from "../../../../src/server/http/body.ts";

function request(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/mcp", { method: "POST", body, headers });
}

function chunks(...sizes: readonly number[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const rest = [...sizes];
  return new ReadableStream({
    pull(controller) {
      const size = rest.shift();
      if (size === undefined) controller.close();
      else controller.enqueue(new Uint8Array(size));
    },
  });
}

const limits = { mostBytes: 10, wholeTimeoutMs: 100, pauseTimeoutMs: 30 };

Deno.test("BodyReader reads a body of chunks, and none", async () => {
  const reader = new BodyReader(limits);
  const whole = await reader.read(request(chunks(3, 0, 7)));
  assert.ok(whole.kind === "whole" && whole.bytes.length === 10);
  const none = await reader.read(request(null));
  assert.ok(none.kind === "whole" && none.bytes.length === 0);
});

Deno.test("BodyReader stops at the limit, and before it when the length is told", async () => {
  const reader = new BodyReader(limits);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(4));
    },
  });
  assert.equal((await reader.read(request(endless))).kind, "too large");
  assert.ok(pulled < 10, "what is not wanted is not read");
  const told = request(chunks(1), { "content-length": "11" });
  assert.equal((await reader.read(told)).kind, "too large");
});

Deno.test("BodyReader gives up on a body that pauses", async () => {
  const reader = new BodyReader(limits);
  let cancelled = false;
  const stuck = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new Uint8Array(1)),
    cancel() {
      cancelled = true;
    },
  });
  assert.equal((await reader.read(request(stuck))).kind, "too slow");
  assert.equal(cancelled, true);
});

Deno.test("BodyReader gives up on a body that comes in drops", async () => {
  const reader = new BodyReader({ ...limits, mostBytes: 1_000_000 });
  let timer: number | undefined;
  const drops = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      await new Promise((resolve) => {
        timer = setTimeout(resolve, 5);
      });
      controller.enqueue(new Uint8Array(1));
    },
    cancel: () => clearTimeout(timer),
  });
  const started = performance.now();
  assert.equal((await reader.read(request(drops))).kind, "too slow");
  assert.ok(performance.now() - started < 1_000);
});

Deno.test("BodyReader tells a body that breaks off", async () => {
  const reader = new BodyReader(limits);
  const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.error(new TypeError("gone")),
  });
  assert.equal((await reader.read(request(broken))).kind, "broken");
});

Deno.test("BodyReader holds no more than four bodies at a time", async () => {
  const mebibyte = 1 << 20;
  const reader = new BodyReader({ pauseTimeoutMs: 2_000 });
  const hold = Promise.withResolvers<void>();
  const held = () =>
    request(
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => controller.enqueue(new Uint8Array(11 * mebibyte)),
        async pull(controller) {
          await hold.promise;
          controller.close();
        },
      }),
    );
  const first = [held(), held(), held(), held()].map((one) => reader.read(one));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await reader.read(request(chunks(5 * mebibyte)))).kind, "no room");
  hold.resolve();
  const kinds = (await Promise.all(first)).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["whole", "whole", "whole", "whole"]);
  assert.equal((await reader.read(request(chunks(5 * mebibyte)))).kind, "whole");
});
