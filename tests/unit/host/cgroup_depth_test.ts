import assert from "node:assert/strict";
import { type DepthFacts, mountDepth } from "../../../src/host/cgroup_depth.ts";

const mount = (root: string, path = "/cg") => `60 50 0:38 ${root} ${path} rw - cgroup2 none rw\n`;

function facts(mountinfo: string, rest: Partial<DepthFacts> = {}): DepthFacts {
  return { mountinfo, kernelThread: null, inode: () => 99n, ...rest };
}

Deno.test("mountDepth is 0 where the kernel's own root is mounted", () => {
  assert.equal(mountDepth("/cg", facts("", { inode: () => 1n })), 0);
});

Deno.test("mountDepth counts the levels of a cgroup namespace by a kernel thread's path", () => {
  const kernelThread = "9:name=systemd:/\n0::/../..\n";
  assert.equal(mountDepth("/cg", facts(mount("/"), { kernelThread })), 2);
});

Deno.test("mountDepth adds the levels of the group that is mounted", () => {
  const kernelThread = "0::/../..";
  assert.equal(mountDepth("/cg", facts(mount("/a/b"), { kernelThread })), 4);
  assert.equal(mountDepth("/cg", facts(mount("/../a"), { kernelThread })), 2);
  assert.equal(mountDepth("/cg", facts(mount("/a"), { kernelThread: "0::/" })), 1);
});

Deno.test("mountDepth counts by another mount that shows the kernel's root", () => {
  const inode = (path: string) => path === "/my whole" ? 1n : 99n;
  const both = mount("/../..", "/my\\040whole") + mount("/");
  assert.equal(mountDepth("/cg", facts(both, { inode })), 2);
});

Deno.test("mountDepth is null where nothing tells, and takes the mount on top", () => {
  assert.equal(mountDepth("/cg", facts(mount("/"))), null);
  assert.equal(mountDepth("/cg", facts("garbage\n\n - \n", { kernelThread: "0::/" })), null);
  const stacked = mount("/a/b") + mount("/a");
  assert.equal(mountDepth("/cg", facts(stacked, { kernelThread: "0::/" })), 1);
});
