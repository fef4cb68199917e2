// Control groups by path, id, container and unit, looked up in the tree of this machine.
import assert from "node:assert/strict";
import { EBPFError } from "../../src/errors.ts";
import {
  type CgroupTarget,
  cgroupTarget,
  containerTarget,
} from "../../src/gadgets/cgroup_target.ts";
import { atOnce } from "../../src/slices.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { uniqueName } from "../support/unique_name.ts";

const byCgroup = (wanted: string | number) => atOnce(cgroupTarget(wanted));
const byContainer = (wanted: string) => atOnce(containerTarget(wanted));

function requireCode(code: string, find: () => CgroupTarget): EBPFError {
  try {
    find();
  } catch (error) {
    assert.ok(error instanceof EBPFError);
    assert.equal(error.code, code);
    return error;
  }
  return assert.fail(`it is found, wanted ${code}`);
}

/** A group and one in it. */
async function twoLevels(inner: string): Promise<AsyncDisposableStack & { path: string }> {
  const stack = new AsyncDisposableStack();
  const group = stack.use(await TestCgroup.make());
  const path = `${group.path}/${inner}`;
  await Deno.mkdir(path);
  stack.defer(() => Deno.remove(path));
  return Object.assign(stack, { path });
}

kernelTest(
  "cgroupTarget finds a group by its path, below the mount too, and by its id",
  async () => {
    await using groups = await twoLevels("inner");
    const { ino } = await Deno.stat(groups.path);
    const id = BigInt(ino ?? 0);
    const mount = groups.path.split("/").slice(0, -2).join("/");
    const below = groups.path.slice(mount.length);
    for (const wanted of [groups.path, `${groups.path}/`, below, below.slice(1), `${id}`]) {
      assert.deepEqual(byCgroup(wanted), { id, level: 2, path: groups.path }, wanted);
    }
    assert.deepEqual(byCgroup(Number(id)).level, 2);
    assert.deepEqual([byCgroup("/").level, byCgroup(mount).id], [0, 1n]);
  },
);

kernelTest("cgroupTarget names the nearest, and lets no path lead out of the tree", async () => {
  await using groups = await twoLevels("payments");
  const missing = requireCode("cgroup_not_found", () => byCgroup(`${groups.path}s`));
  assert.ok(Array.isArray(missing.context.known) && missing.context.known.includes(groups.path));
  for (
    const wanted of ["/etc", "../etc", `${groups.path}/../../..`, "\0", "99999999999999999999"]
  ) {
    requireCode("cgroup_not_found", () => byCgroup(wanted));
  }
});

kernelTest(
  "containerTarget finds a container by the beginning of its id, from its top",
  async () => {
    const ids = ["a".repeat(60) + "0001", "a".repeat(60) + "0002"];
    await using groups = await twoLevels(`docker-${ids[0]}.scope`);
    const outer = groups.path.slice(0, groups.path.lastIndexOf("/"));
    await Deno.mkdir(`${groups.path}/init`);
    await Deno.mkdir(`${outer}/libpod-${ids[1]}.scope`);
    try {
      assert.equal(byContainer(ids[0]).path, groups.path);
      const several = requireCode("invalid_arguments", () => byContainer("aaaa"));
      assert.deepEqual(several.context.candidates, ids);
      requireCode("container_not_found", () => byContainer("aaa")); // too short to be one
      requireCode("container_not_found", () => byContainer("b".repeat(64)));
    } finally {
      await Deno.remove(`${groups.path}/init`);
      await Deno.remove(`${outer}/libpod-${ids[1]}.scope`);
    }
  },
);

kernelTest("containerTarget finds a systemd unit with and without its suffix", async () => {
  const name = uniqueName().replaceAll(".", "-");
  await using groups = await twoLevels(`${name}.service`);
  assert.equal(byContainer(`${name}.service`).path, groups.path);
  assert.equal(byContainer(name).path, groups.path);
  const near = requireCode("container_not_found", () => byContainer(`${name}x`));
  assert.ok(Array.isArray(near.context.known) && near.context.known.includes(`${name}.service`));
});

kernelTest("containerTarget finds a container by the name that its runtime knows", async () => {
  const id = "c".repeat(64);
  await using groups = await twoLevels(`docker-${id}.scope`);
  const names = { of: () => ({ name: "shop-web" }) };
  assert.equal(atOnce(containerTarget("shop-web", names)).path, groups.path);
  const near = requireCode("container_not_found", () => atOnce(containerTarget("shop-we", names)));
  assert.ok(Array.isArray(near.context.known) && near.context.known.includes("shop-web"));
});
