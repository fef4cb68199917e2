import assert from "node:assert/strict";
import { isSystemCall, sectionSpec } from "../../../../src/kernel/attach/section.ts";
import { globMatcher } from "../../../../src/kernel/attach/kernel_functions.ts";

Deno.test("sectionSpec reads what we attach ourselves, and leaves the rest to libbpf", () => {
  const table: [string, unknown][] = [
    ["kprobe/vfs_read", { type: "kprobe", function: "vfs_read" }],
    ["?kretprobe/vfs_read", { type: "kretprobe", function: "vfs_read" }],
    ["kprobe/vfs_read+0x10", { type: "kprobe", function: "vfs_read", offset: 16 }],
    ["kprobe/vfs_read+8", { type: "kprobe", function: "vfs_read", offset: 8 }],
    ["kprobe.multi/vfs_*", { type: "kprobe_multi", glob: "vfs_*" }],
    ["kretprobe.multi/vfs_?", { type: "kprobe_multi", glob: "vfs_?" }],
    ["usdt/libc.so.6:libc:setjmp", {
      type: "usdt",
      path: "libc.so.6",
      provider: "libc",
      name: "setjmp",
    }],
    ["lsm.s/file_open", { type: "lsm", hook: "file_open" }],
    ["lsm_cgroup/socket_bind", null],
    ["kprobe", null],
    ["kprobe/", null],
    ["usdt", null],
    ["usdt/only", null],
    ["tracepoint/syscalls/sys_enter_getppid", null],
    ["uprobe//bin/sh:main", null],
    ["fentry/vfs_read", null],
  ];
  for (const [section, wanted] of table) assert.deepEqual(sectionSpec(section), wanted, section);
});

Deno.test("isSystemCall knows libbpf's two sections of system calls", () => {
  assert.ok(isSystemCall("ksyscall/openat"));
  assert.ok(isSystemCall("?kretsyscall/openat"));
  assert.ok(!isSystemCall("kprobe/ksyscall"));
});

Deno.test("globMatcher takes stars, question marks and brackets for what a shell does", () => {
  assert.ok(globMatcher("vfs_[rw]*")("vfs_write"));
  assert.ok(!globMatcher("vfs_[rw]*")("vfs_open"));
  assert.ok(globMatcher("vfs_*")("vfs_read"));
  assert.ok(globMatcher("vfs_?ead")("vfs_read"));
  assert.ok(!globMatcher("vfs_")("vfs_read"));
  assert.ok(globMatcher("a.b*")("a.bc"));
  assert.ok(!globMatcher("a.b*")("axbc"));
});

Deno.test("globMatcher does not go back for each of many stars", () => {
  const started = performance.now();
  assert.ok(!globMatcher(`${"a*".repeat(30)}b`)("a".repeat(120)));
  assert.ok(performance.now() - started < 1000);
});
