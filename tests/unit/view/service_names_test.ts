import assert from "node:assert/strict";
import { commonService } from "../../../src/view/service_names.ts";

Deno.test("commonService: names a port of the transport that it is of", () => {
  assert.equal(commonService(443, "tcp"), "https");
  assert.equal(commonService(443, "udp"), "https");
  assert.equal(commonService(22, "tcp"), "ssh");
  assert.equal(commonService(22, "udp"), null);
  assert.equal(commonService(514, "tcp"), "shell");
  assert.equal(commonService(514, "udp"), "syslog");
  for (const port of [0, -1, 1.5, 65_536, NaN]) assert.equal(commonService(port, "tcp"), null);
});
