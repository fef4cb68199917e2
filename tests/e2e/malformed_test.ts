// Bytes on stdin that are no request: answered as JSON-RPC says, and the server goes on.
import assert from "node:assert/strict";
import { kernelTest } from "../support/kernel_test.ts";
import { LineClient } from "../support/line_client.ts";

const parseError = -32700;
const invalidRequest = -32600;
const methodNotFound = -32601;
const invalidParams = -32602;
const MIB = 1024 * 1024;

type Answer = readonly [code: number, id: number | string | null] | null;

const encoder = new TextEncoder();
const deep = 100_000;

function bytes(...parts: (string | number[])[]): Uint8Array<ArrayBuffer> {
  const all = parts.flatMap((part) => typeof part === "string" ? [...encoder.encode(part)] : part);
  return new Uint8Array(all);
}

function request(members: Record<string, unknown>): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 7, method: "ping", ...members });
}

/** Each line, and the error that answers it; null where nothing does. */
const lines: Readonly<Record<string, readonly [string | Uint8Array<ArrayBuffer>, Answer]>> = {
  "text": ["hello", [parseError, null]],
  "half a message": ['{"jsonrpc":"2.0","id":7,"method":"pi', [parseError, null]],
  "two messages on one line": [`${request({})} ${request({})}`, [parseError, null]],
  "a shell command": ["$(reboot)", [parseError, null]],
  "control characters": ["\u0000\u0001\u001b[2J", [parseError, null]],
  "bytes that are no UTF-8": [bytes([0xff, 0xfe, 0x80, 10]), [parseError, null]],
  "an overlong UTF-8 sequence": [bytes('{"id":"', [0xc0, 0xaf], '"}\n'), [parseError, null]],
  "an empty line": ["", null],
  "blanks": ["  \t ", null],
  "a carriage return alone": ["\r", null],
  "a number": ["42", [invalidRequest, null]],
  "null": ["null", [invalidRequest, null]],
  "a text": ['"ping"', [invalidRequest, null]],
  "an empty batch": ["[]", [invalidRequest, null]],
  "a batch": [`[${request({})},${request({ id: 8 })}]`, [invalidRequest, null]],
  "an empty object": ["{}", [invalidRequest, null]],
  "no version": [request({ jsonrpc: undefined }), [invalidRequest, 7]],
  "another version": [request({ jsonrpc: "1.0" }), [invalidRequest, 7]],
  "no method": [request({ method: undefined }), [invalidRequest, 7]],
  "a method that is a number": [request({ method: 1 }), [invalidRequest, 7]],
  "an id that is an object": [request({ id: {} }), [invalidRequest, null]],
  "an id that is a fraction": [request({ id: 1.5 }), [invalidRequest, null]],
  "an id that is null": [request({ id: null }), [invalidRequest, null]],
  "params that are a text": [request({ params: "x" }), [invalidRequest, 7]],
  "an unknown method": [request({ method: "tools/destroy" }), [methodNotFound, 7]],
  "a method called __proto__": [request({ method: "__proto__" }), [methodNotFound, 7]],
  "a call without a name": [request({ method: "tools/call", params: {} }), [invalidParams, 7]],
  "a call with a list of arguments": [
    request({ method: "tools/call", params: { name: "system_info", arguments: [1] } }),
    [invalidParams, 7],
  ],
  "an unknown notification": ['{"jsonrpc":"2.0","method":"notifications/none"}', null],
  "an answer to nothing": ['{"jsonrpc":"2.0","id":99,"result":{}}', null],
  "an error to nothing": ['{"jsonrpc":"2.0","id":99,"error":{"code":1,"message":"x"}}', null],
  "a cancel of nothing": [
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}',
    null,
  ],
  "lists in lists": ["[".repeat(deep) + "]".repeat(deep), [invalidRequest, null]],
};

kernelTest("serve answers what is no request, and goes on", async (t) => {
  await using client = await LineClient.connect();
  for (const [what, [line, answer]] of Object.entries(lines)) {
    await t.step(what, async () => {
      await client.send(line);
      if (answer !== null) {
        const { error, id } = await client.receive();
        assert.deepEqual([error?.code, id], answer);
      }
      await client.ping(); // the next line is its answer: nothing else was said
    });
  }
});

kernelTest("serve refuses arguments that are nested 100,000 deep, and goes on", async () => {
  await using client = await LineClient.connect();
  const nested = '{"a":'.repeat(deep) + "1" + "}".repeat(deep);
  const params = `{"name":"system_info","arguments":${nested}}`;
  await client.send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${params}}`);
  const { id, result, error } = await client.receive();
  assert.equal(id, 7);
  assert.ok(error !== undefined || result?.isError === true, JSON.stringify(result));
  await client.ping();
});

kernelTest("serve refuses a line of 100 MiB in bounded memory, and goes on", async () => {
  await using client = await LineClient.connect();
  const chunk = new Uint8Array(MIB).fill(0x61);
  await client.send(bytes('{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"'));
  for (let i = 0; i < 100; i++) await client.send(chunk);
  await client.send(bytes('"}}\n'));
  const { error, id } = await client.receive();
  assert.deepEqual([error?.code, id], [invalidRequest, 7]);
  await client.ping();
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${client.pid}/status`));
  assert.ok(Number(peak?.[1]) / 1024 < 250, `its memory grew to ${peak?.[1]} kB`);
});

kernelTest("serve takes a line in pieces, and lines that end in CR LF", async () => {
  await using client = await LineClient.connect();
  for (const part of ['{"jsonrpc":"2.0",', '"id":', "7", ',"method":"pi', 'ng"}\r', "\n"]) {
    await client.send(bytes(part));
    await new Promise((resolve) => setTimeout(resolve, 5)); // so that each is read by itself
  }
  assert.deepEqual(await client.receive(), { jsonrpc: "2.0", id: 7, result: {} });
});

kernelTest("serve answers half a line at the end of its input, and ends", async () => {
  await using client = await LineClient.connect();
  await client.send(bytes('{"jsonrpc":"2.0","id":7'));
  await client.closeInput();
  assert.equal((await client.receive()).error?.code, parseError);
  assert.equal(await client.receiveLine(), null);
  assert.equal((await client.ended()).code, 0);
});

kernelTest("serve answers the last request when its input ends right behind it", async () => {
  await using client = await LineClient.connect();
  const id = await client.post("tools/call", { name: "system_info", arguments: {} });
  await client.closeInput();
  assert.equal((await client.answer(id)).error, undefined);
  assert.equal((await client.ended()).code, 0);
});
