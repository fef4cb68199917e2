import assert from "node:assert/strict";
import { parseNamespaceMounts } from "../../../src/host/namespace_mounts.ts";

Deno.test("parseNamespaceMounts finds named network namespaces alone", () => {
  const mountinfo = [
    "24 1 0:22 / /proc rw,relatime - proc proc rw",
    "99 30 0:4 net:[4026532178] /run/netns/blue rw shared:5 - nsfs nsfs rw",
    "98 30 0:4 mnt:[4026532179] /run/snapd/ns/lxd.mnt rw - nsfs nsfs rw",
    "97 30 0:4 net:[4026532180] /run/docker/netns/a\\040b rw - nsfs nsfs rw",
    "96 30 0:4 net:[x] /run/netns/odd rw - nsfs nsfs rw",
    "95 30 0:4 net:[4026532181] /tmp/f rw - tmpfs tmpfs rw",
    "",
  ].join("\n");
  assert.deepEqual(parseNamespaceMounts(mountinfo), [
    { inode: 4026532178, path: "/run/netns/blue" },
    { inode: 4026532180, path: "/run/docker/netns/a b" },
  ]);
});
