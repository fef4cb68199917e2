import assert from "node:assert/strict";
import { isDebian, missingMounts, missingPackages } from "../../../scripts/requirements.ts";

const mounted = `proc /proc proc rw 0 0
bpf /sys/fs/bpf bpf rw,nosuid,nodev,noexec,relatime,mode=700 0 0
tracefs /sys/kernel/tracing tracefs rw 0 0
`;

Deno.test("missingPackages lists everything on a bare system, tests' own last", () => {
  const build = missingPackages("build", () => false);
  assert.deepEqual(build.slice(0, 5), ["clang", "llvm", "binutils", "libbpf-dev", "bpftool"]);
  const tests = missingPackages("tests", () => false);
  assert.deepEqual(tests.slice(0, build.length), build);
  assert.ok(tests.includes("iproute2"));
});

Deno.test("missingPackages takes any one piece of evidence", () => {
  const elsewhere = missingPackages("build", (path) => path === "/usr/local/sbin/bpftool");
  assert.ok(!elsewhere.includes("bpftool"));
  assert.deepEqual(missingPackages("tests", () => true), []);
});

Deno.test("missingMounts compares type and path", () => {
  assert.deepEqual(missingMounts(mounted), []);
  assert.deepEqual(missingMounts(""), [
    { type: "bpf", path: "/sys/fs/bpf" },
    { type: "tracefs", path: "/sys/kernel/tracing" },
  ]);
  const debugfs = mounted.replace("tracefs /sys/kernel/tracing", "tracefs /sys/kernel/debug/x");
  assert.deepEqual(missingMounts(debugfs), [{ type: "tracefs", path: "/sys/kernel/tracing" }]);
});

Deno.test("isDebian reads ID and ID_LIKE", () => {
  assert.ok(isDebian("NAME=x\nID=debian\n"));
  assert.ok(isDebian('ID=mint\nID_LIKE="ubuntu debian"\n'));
  assert.ok(!isDebian("ID=fedora\nNAME=debian\n"));
  assert.ok(!isDebian(""));
});
