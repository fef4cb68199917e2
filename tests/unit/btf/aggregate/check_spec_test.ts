import assert from "node:assert/strict";
import type { AggregateSpec } from "../../../../src/btf/aggregate/spec.ts";
import { sampleAggregator } from "./records.ts";

const refusals: readonly [AggregateSpec, string, RegExp][] = [
  [{ by: ["com"] }, "unknown_field", /the fields are timestamp_ns, pid/],
  [{ by: ["inner"] }, "invalid_arguments", /struct: name one/],
  [{ by: ["share"] }, "invalid_arguments", /floating/],
  [{ compute: [{ op: "sum", field: "comm" }] }, "invalid_arguments", /it is text/],
  [{ compute: [{ op: "avg", field: "kernel_address" }] }, "invalid_arguments", /pointer/],
  [{ compute: [{ op: "max", field: "address" }] }, "invalid_arguments", /array/],
  [{ compute: [{ op: "p99", field: "share" }] }, "invalid_arguments", /floating/],
  [{ compute: [{ op: "sum" }] }, "invalid_arguments", /wants a field/],
  [{ compute: [{ op: "count", field: "pid" }] }, "invalid_arguments", /takes no field/],
  [{ compute: [{ op: "hist", field: "pid", scale: "linear" }] }, "invalid_arguments", /step/],
  [{ compute: [{ op: "hist", field: "pid", step: 2 }] }, "invalid_arguments", /linear/],
  [{ compute: [{ op: "max", field: "pid", interval_ms: 5 }] }, "invalid_arguments", /rate/],
  [{ sort: "p99_pid" }, "invalid_arguments", /"count"/],
  [{ by: ["pid", "no.such"] }, "unknown_field", /"no.such"/],
];

for (const [spec, code, message] of refusals) {
  Deno.test(`compileAggregator: refuses ${JSON.stringify(spec)}`, () => {
    assert.throws(() => sampleAggregator(spec), { code, message });
  });
}
