import assert from "node:assert/strict";
import { Allowlist } from "../../../../src/server/http/origin.ts";

const list = new Allowlist(["bpf.example", "other.example:8443"], ["https://page.example"]);

Deno.test("Allowlist.allowsHost takes the loopback's names and what was allowed", () => {
  const good = [
    "localhost",
    "LocalHost:80",
    "127.0.0.1:8642",
    "[::1]:1",
    "[::1]",
    "bpf.example",
    "bpf.example:1",
    "other.example:8443",
  ];
  for (const host of good) assert.equal(list.allowsHost(host), true, host);
});

Deno.test("Allowlist.allowsHost refuses all others", () => {
  const bad = [
    null,
    "",
    "evil.example",
    "localhost.evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost:80:80",
    "127.0.0.2",
    "::1",
    "other.example",
    "other.example:80",
    "localhost:999999",
    "x@localhost",
  ];
  for (const host of bad) assert.equal(list.allowsHost(host), false, `${host}`);
});

Deno.test("Allowlist.allowsOrigin takes no page but its own and what was allowed", () => {
  const host = "127.0.0.1:8642";
  assert.equal(list.allowsOrigin(null, host), true);
  assert.equal(list.allowsOrigin("http://127.0.0.1:8642", host), true);
  assert.equal(list.allowsOrigin("https://PAGE.example", host), true);
  for (
    const origin of [
      "null",
      "",
      "http://127.0.0.1",
      "https://127.0.0.1:8642",
      "http://127.0.0.1:86420",
      "http://page.example",
      "https://page.example:444",
    ]
  ) {
    assert.equal(list.allowsOrigin(origin, host), false, origin);
  }
});

Deno.test("Allowlist lets only allowed origins read answers", () => {
  const allowed = list.crossOriginHeaders("https://page.example");
  assert.equal(allowed.get("access-control-allow-origin"), "https://page.example");
  assert.equal(allowed.get("vary"), "Origin");
  assert.deepEqual([...list.crossOriginHeaders("https://evil.example")], []);
  assert.deepEqual([...list.crossOriginHeaders(null)], []);
});
