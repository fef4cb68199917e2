import assert from "node:assert/strict";
import fc from "fast-check";
import { EBPFError } from "../../../src/errors.ts";
import { candidatePaths, type PathCandidate } from "../../../src/policy/object_paths.ts";

const roots = ["/home/me/work", "/usr/lib/ebpf-mcp"];

function refusal(path: string, allowed: readonly string[] = roots): EBPFError {
  try {
    candidatePaths(allowed, path);
  } catch (error) {
    assert.ok(error instanceof EBPFError);
    return error;
  }
  throw new assert.AssertionError({ message: `"${path}" was accepted` });
}

const accepted: readonly [path: string, wanted: PathCandidate[], allowed?: string[]][] = [
  ["x.bpf.o", [
    { root: "/home/me/work", relative: "x.bpf.o" },
    { root: "/usr/lib/ebpf-mcp", relative: "x.bpf.o" },
  ]],
  ["./out//x.bpf.o", [
    { root: "/home/me/work", relative: "out/x.bpf.o" },
    { root: "/usr/lib/ebpf-mcp", relative: "out/x.bpf.o" },
  ]],
  ["/usr/lib/ebpf-mcp/x.o", [{ root: "/usr/lib/ebpf-mcp", relative: "x.o" }]],
  ["//usr/./lib/ebpf-mcp///a/x.o", [{ root: "/usr/lib/ebpf-mcp", relative: "a/x.o" }]],
  ["/home/me/work", [{ root: "/home/me/work", relative: "." }]],
  ["/a/b/x.o", [{ root: "/a/b", relative: "x.o" }, { root: "/a", relative: "b/x.o" }], [
    "/a",
    "/a/b",
  ]],
  ["/a/x.o", [{ root: "/a/", relative: "x.o" }], ["/a/"]],
  ["/x.o", [{ root: "/", relative: "x.o" }], ["/"]],
  ["..x.o", [{ root: "/a", relative: "..x.o" }], ["/a"]],
  ["a b/ü.o", [{ root: "/a", relative: "a b/ü.o" }], ["/a"]],
];

for (const [path, wanted, allowed] of accepted) {
  Deno.test(`candidatePaths gives ${wanted.length} for "${path}" below ${allowed ?? roots}`, () => {
    assert.deepEqual(candidatePaths(allowed ?? roots, path), wanted);
  });
}

const outside = [
  "/etc/passwd",
  "/home/me/workspace/x.o",
  "/home/me",
  "/",
  "../x.o",
  "a/../../x.o",
  "/home/me/objects/../x.o",
  "/home/me/objects/..",
  "..",
];

for (const path of outside) {
  Deno.test(`candidatePaths refuses "${path}" as not allowed, and says what is`, () => {
    const { category, code, message, context, recoverable } = refusal(path);
    assert.deepEqual([category, code, recoverable], ["permission", "path_not_allowed", false]);
    assert.match(message, /^Cannot open ".*": .*wanted/);
    assert.equal(context.path, path);
    assert.deepEqual(context.allowed_roots, roots);
    assert.match(context.hint ?? "", /--objects DIR/);
  });
}

const malformed: readonly [name: string, path: string, message: RegExp][] = [
  ["an empty path", "", /is empty, wanted/],
  ["a NUL character", "x\0.o", /has a NUL character, wanted none/],
  ["4096 bytes", "x".repeat(4096), /has 4096 bytes, wanted at most 4095/],
  ["2048 characters of 2 bytes", "ü".repeat(2048), /has 4096 bytes/],
];

for (const [name, path, message] of malformed) {
  Deno.test(`candidatePaths refuses ${name} as an invalid argument`, () => {
    const error = refusal(path);
    assert.deepEqual([error.category, error.code], ["validation", "invalid_arguments"]);
    assert.match(error.message, message);
  });
}

Deno.test("candidatePaths accepts 4095 bytes", () => {
  assert.equal(candidatePaths(["/a"], "x".repeat(4095)).length, 1);
});

Deno.test("candidatePaths refuses everything when no folder is allowed", () => {
  assert.equal(refusal("x.o", []).code, "path_not_allowed");
  assert.equal(refusal("/x.o", []).code, "path_not_allowed");
});

Deno.test("candidatePaths never gives a path that leads up or starts anew", () => {
  const component = fc.constantFrom("a", "b", "..", ".", "", "...", "x.o", "home");
  const path = fc.array(component, { maxLength: 8 }).map((components) => components.join("/"));
  fc.assert(fc.property(path, (text) => {
    let candidates: PathCandidate[];
    try {
      candidates = candidatePaths(["/a", "/a/b", "/home"], text);
    } catch (error) {
      assert.ok(error instanceof EBPFError);
      return;
    }
    for (const { relative } of candidates) {
      assert.ok(!relative.startsWith("/"));
      assert.ok(!relative.split("/").includes(".."));
      assert.notEqual(relative, "");
    }
  }));
});
