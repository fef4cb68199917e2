import assert from "node:assert/strict";
import { parseRelease } from "../../../src/host/kernel_release.ts";

Deno.test("parseRelease: reads the numbers that a release begins with", () => {
  const cases: [string, [number, number, number] | null][] = [
    ["6.18.44-fc-v669", [6, 18, 44]],
    ["5.10.0-33-cloud-amd64", [5, 10, 0]],
    ["7.2-rc1", [7, 2, 0]],
    ["6.1.0+", [6, 1, 0]],
    ["linux", null],
    ["", null],
  ];
  for (const [release, numbers] of cases) {
    const version = parseRelease(release);
    const found = version === null ? null : [version.major, version.minor, version.patch];
    assert.deepEqual(found, numbers, release);
  }
});
