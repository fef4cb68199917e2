import assert from "node:assert/strict";
import { parseMountinfo } from "../../../src/host/mounts.ts";

Deno.test("parseMountinfo: gives the kinds that BPF work needs, in order", () => {
  const text = [
    "22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw",
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
    "42 23 0:39 / /sys/fs/bpf ro,relatime shared:9 master:1 - bpf bpf rw,mode=700",
    "43 23 0:13 / /sys/kernel/tracing rw,relatime - tracefs tracefs rw",
    "44 23 0:7 / /sys/kernel/debug rw - debugfs debugfs rw",
    "45 23 0:6 / /sys/kernel/security rw - securityfs securityfs rw",
    "",
  ].join("\n");
  assert.deepEqual(parseMountinfo(text), [
    { type: "cgroup2", path: "/sys/fs/cgroup/unified", readOnly: false },
    { type: "bpf", path: "/sys/fs/bpf", readOnly: true },
    { type: "tracefs", path: "/sys/kernel/tracing", readOnly: false },
    { type: "debugfs", path: "/sys/kernel/debug", readOnly: false },
    { type: "securityfs", path: "/sys/kernel/security", readOnly: false },
  ]);
});

Deno.test("parseMountinfo: counts a path that is mounted over once, with what is on top", () => {
  const below = "42 23 0:39 / /sys/fs/bpf rw - bpf bpf rw";
  const again = "50 42 0:44 / /sys/fs/bpf ro - bpf bpf rw";
  const other = "51 42 0:45 / /sys/fs/bpf rw - tmpfs tmpfs rw";
  assert.deepEqual(parseMountinfo(`${below}\n${again}`), [
    { type: "bpf", path: "/sys/fs/bpf", readOnly: true },
  ]);
  assert.deepEqual(parseMountinfo(`${below}\n${other}`), []);
});

Deno.test("parseMountinfo: reads octal escapes in paths", () => {
  const line = "42 23 0:39 / /mnt/a\\040b\\011c\\134d - x rw - bpf bpf rw";
  assert.deepEqual(parseMountinfo(line), []);
  const good = "42 23 0:39 / /mnt/a\\040b\\011c\\134d rw - bpf bpf rw";
  assert.deepEqual(parseMountinfo(good), [
    { type: "bpf", path: "/mnt/a b\tc\\d", readOnly: false },
  ]);
});

Deno.test("parseMountinfo: passes over lines that are none", () => {
  assert.deepEqual(parseMountinfo("garbage\n - bpf bpf\n42 23 - bpf bpf rw\n\n"), []);
});
