import assert from "node:assert/strict";
import { EBPFError } from "../../../../src/errors.ts";
import { requireAnswerable, type StateField } from "../../../../src/tools/inspect/filters.ts";

const none = { pinned_only: false, mine: false };

Deno.test("requireAnswerable: lets through what some asked field can answer", () => {
  requireAnswerable({ ...none }, ["system"]);
  requireAnswerable({ ...none, type: "xdp", mine: true }, ["session", "programs"]);
  requireAnswerable({ ...none, object_id: "object-1", ids: [3] }, ["verifier"]);
  requireAnswerable({ ...none, name: "map*" }, ["tools"]);
});

Deno.test("requireAnswerable: refuses what none can, naming those that could", () => {
  const cases: [Parameters<typeof requireAnswerable>[0], StateField[], string][] = [
    [{ ...none, type: "xdp" }, ["session"], "type"],
    [{ ...none, name: "a" }, ["system", "session"], "name"],
    [{ ...none, ids: [1] }, ["tools"], "ids"],
    [{ ...none, object_id: "object-1" }, ["programs"], "object_id"],
    [{ ...none, pinned_only: true }, ["btf"], "pinned_only"],
    [{ ...none, mine: true }, ["tools"], "mine"],
  ];
  for (const [filters, fields, filter] of cases) {
    assert.throws(() => requireAnswerable(filters, fields), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "invalid_arguments");
      assert.deepEqual(error.context.arguments, [filter]);
      assert.ok(Array.isArray(error.context.accepted));
      return true;
    });
  }
});
