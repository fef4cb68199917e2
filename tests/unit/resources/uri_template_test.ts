import assert from "node:assert/strict";
import { EBPFError } from "../../../src/errors.ts";
import { UriTemplate } from "../../../src/resources/uri_template.ts";

Deno.test("UriTemplate.match gives the variables of its URIs, decoded", () => {
  const template = new UriTemplate("bpf://map/{map_id}/key/{key}");
  assert.deepEqual(template.names, ["map_id", "key"]);
  assert.deepEqual(template.match("bpf://map/12/key/a%20b%2Fc"), { map_id: "12", key: "a b/c" });
});

Deno.test("UriTemplate.match refuses what is not of its family", () => {
  const template = new UriTemplate("bpf://map/{map_id}");
  const others = [
    "",
    "bpf://map/",
    "bpf://map/1/2",
    "bpf://map/1?x",
    "bpf://map/1#x",
    "bpf://maps/1",
    "xbpf://map/1",
    "bpf://map/%zz",
    "bpf://map/%ff",
    `bpf://map/${"1".repeat(257)}`,
    "bpf://map/{map_id}/",
  ];
  for (const uri of others) assert.equal(template.match(uri), null, uri);
});

Deno.test("UriTemplate takes a template's other characters as they are", () => {
  const template = new UriTemplate("x://a.b+c/{id}");
  assert.equal(template.match("x://aXb+c/1"), null);
  assert.deepEqual(template.match("x://a.b+c/1"), { id: "1" });
});

Deno.test("UriTemplate refuses what it could not match in linear time", () => {
  for (const text of ["x://{a}{b}", "x://{A}", "x://{a", "x://a", "x://{+a}", "x://{a}}"]) {
    assert.throws(() => new UriTemplate(text), EBPFError, text);
  }
  const template = new UriTemplate("x://{a}/{b}/{c}");
  const started = performance.now();
  assert.equal(template.match(`x://${"a".repeat(100_000)}/`), null);
  assert.ok(performance.now() - started < 200);
});
