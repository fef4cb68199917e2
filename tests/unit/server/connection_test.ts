import assert from "node:assert/strict";
import { Connection } from "../../../src/server/connection.ts";
import { Registry } from "../../../src/server/registry.ts";
import { configure, deaf, echo, patient, sampleServices, sampleTools } from "./sample_tools.ts";

const request = {
  signal: new AbortController().signal,
  progress: () => Promise.resolve(),
};

function connect() {
  const services = sampleServices(configure());
  return { services, connection: new Connection(new Registry(sampleTools), services) };
}

Deno.test("Connection cancels what runs, lets it unwind, then releases the session", async () => {
  const { services, connection } = connect();
  const call = connection.call(patient, {}, request);
  const end = connection[Symbol.asyncDispose]();
  const answer = await call;
  assert.ok(answer.ok);
  assert.match(String(answer.result.reason), /it was cancelled/);
  assert.equal(services.released(), 0);
  await end;
  assert.equal(services.released(), 1);
});

Deno.test("Connection releases its session once, however often it is disposed of", async () => {
  const { services, connection } = connect();
  await Promise.all([connection[Symbol.asyncDispose](), connection[Symbol.asyncDispose]()]);
  await connection[Symbol.asyncDispose]();
  assert.equal(services.released(), 1);
});

Deno.test("Connection does not wait for ever for a call that ignores the end", async () => {
  const { services, connection } = connect();
  const call = connection.call(deaf, {}, request);
  await connection[Symbol.asyncDispose]();
  assert.equal(services.released(), 1);
  assert.ok(!(await call).ok);
});

Deno.test("Connection refuses the 65th call at a time", async () => {
  const { connection } = connect();
  const calls = Array.from({ length: 64 }, () => connection.call(patient, {}, request));
  const refused = await connection.call(echo, { text: "x" }, request);
  assert.ok(!refused.ok);
  assert.equal(refused.error.code, "limit_exceeded");
  await connection[Symbol.asyncDispose]();
  await Promise.all(calls);
});
