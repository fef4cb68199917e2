import assert from "node:assert/strict";
import { EBPFError } from "../../../../src/errors.ts";
import { requireOneQuestion, type TypesRequest } from "../../../../src/tools/btf/question.ts";

function refusal(request: Partial<TypesRequest>): EBPFError | null {
  try {
    requireOneQuestion({ as: "json", ...request });
    return null;
  } catch (error) {
    assert.ok(error instanceof EBPFError);
    return error;
  }
}

const path = "task_struct.mm";

const contradicting: readonly [Partial<TypesRequest>, both: string[]][] = [
  [{ path, pattern: "a" }, ["path", "pattern"]],
  [{ path, kinds: ["struct"] }, ["path", "kinds"]],
  [{ path, containers: "value" }, ["path", "containers"]],
  [{ path, depth: 2 }, ["path", "depth"]],
  [{ path, as: "c" }, ["path", "as"]],
  [{ path, cursor: "AAAA" }, ["path", "cursor"]],
  [{ pattern: "a", containers: "pointer", depth: 0 }, ["containers", "depth"]],
  [{ id: 3, containers: "value", as: "c" }, ["containers", "as"]],
  [{ id: 3, pattern: "a" }, ["id", "pattern"]],
  [{ id: 3, kinds: ["enum"] }, ["id", "kinds"]],
  [{ containers: "value" }, ["containers", "pattern"]],
];

for (const [request, both] of contradicting) {
  Deno.test(`requireOneQuestion refuses ${JSON.stringify(request)}`, () => {
    const error = refusal(request);
    assert.equal(error?.code, "invalid_arguments");
    assert.deepEqual(error?.context.arguments, both);
    for (const name of both) assert.ok(error?.message.includes(name), error?.message);
    assert.equal(typeof error?.context.hint, "string");
  });
}

Deno.test("requireOneQuestion lets through what goes together", () => {
  const requests: Partial<TypesRequest>[] = [
    {},
    { pattern: "a", kinds: ["struct"], as: "c", depth: 2, limit: 1, cursor: "AAAA" },
    { pattern: "a", kinds: ["struct"], containers: "value", limit: 1, cursor: "AAAA" },
    { id: 3, containers: "pointer" },
    { id: 3, path, module: "a", limit: 5 },
    { path, kinds: [], btf_id: 1 },
    { id: 3, as: "c", depth: 3 },
  ];
  for (const request of requests) assert.equal(refusal(request), null, JSON.stringify(request));
});
