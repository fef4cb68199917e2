// inspect_hooks of control groups against bpftool cgroup tree.
import assert from "node:assert/strict";
import { mustRun } from "../../scripts/command.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { McpSession } from "../support/client.ts";
import { buildForeign } from "../support/foreign_objects.ts";
import { allHooks, bpftoolCgroups, type HookRow } from "../support/hooks.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { PinFolder } from "../support/pin_folder.ts";

const admin = { args: ["--role", "admin", "--objects", "/"] };

/** Programs of cgroup_sections by the attach type that bpftool calls each. */
const attachments = [
  ["on_ingress", "ingress"],
  ["on_egress", "egress"],
  ["on_create", "sock_create"],
  ["on_release", "sock_release"],
  ["on_post_bind4", "post_bind4"],
  ["on_bind4", "bind4"],
  ["on_connect6", "connect6"],
  ["on_sendmsg4", "sendmsg4"],
  ["on_recvmsg6", "recvmsg6"],
  ["on_getpeername4", "getpeername4"],
  ["on_getsockname6", "getsockname6"],
  ["on_sysctl", "sysctl"],
  ["on_getsockopt", "getsockopt"],
  ["on_setsockopt", "setsockopt"],
  ["on_device", "device"],
] as const;

/** A row as `bpftoolCgroups` writes it. */
const line = ({ hook, program }: HookRow) => `${hook.path} ${hook.attach_type} ${program?.id}`;

/** Groups in a group, which go before it does. */
class Subtree implements AsyncDisposable {
  readonly paths: string[] = [];

  async add(path: string): Promise<string> {
    await Deno.mkdir(path);
    this.paths.push(path);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.paths.toReversed()) await Deno.remove(path);
  }
}

kernelTest(
  "inspect_hooks tells programs of control groups as bpftool does, own and effective",
  async () => {
    await using group = await TestCgroup.make();
    await using subtree = new Subtree();
    const child = await subtree.add(`${group.path}/child`);
    const leaf = await subtree.add(`${child}/leaf`);
    await using folder = await PinFolder.make();
    const object = await buildForeign("cgroup_sections", ["cgroup_sections"]);
    await mustRun("bpftool", ["prog", "loadall", object, folder.path]);
    for (const [name, type] of attachments) {
      const place = name.startsWith("on_get") ? child : group.path;
      const pinned = ["pinned", `${folder.path}/${name}`, "multi"];
      await mustRun("bpftool", ["cgroup", "attach", place, type, ...pinned]);
    }
    const twice = ["pinned", `${folder.path}/on_egress`, "multi"];
    await mustRun("bpftool", ["cgroup", "attach", leaf, "egress", ...twice]);
    await using session = await McpSession.start(admin);
    const own = await allHooks(session, { kind: "cgroup", target: group.path });
    assert.equal(own.length, attachments.length + 1);
    assert.deepEqual(own.map(line).sort(), await bpftoolCgroups(group.path));
    const effective = await allHooks(session, { kind: "cgroup_effective", target: group.path });
    const wanted = await bpftoolCgroups(group.path, "effective");
    assert.deepEqual(effective.map(line).sort(), wanted);
    assert.ok(wanted.length > own.length, "children inherit");
    const [inherited, ...more] = await allHooks(session, {
      kind: "cgroup_effective",
      target: `${leaf}$`,
      limit: 1,
    });
    assert.equal(inherited?.kind, "cgroup_effective");
    assert.ok(more.length > 0 && more.every(({ hook }) => hook.path === leaf));
  },
);

kernelTest("inspect_hooks tells the link of a control group's program, and its owner", async () => {
  await using group = await TestCgroup.make();
  await using subtree = new Subtree();
  const child = await subtree.add(`${group.path}/child`);
  await using owner = await McpSession.start(admin);
  await using session = await McpSession.start(admin);
  const { programs: [{ program_id }] } = await owner.load(await buildObject("attach_kinds"), {
    programs: ["on_connect4"],
  });
  const attachment = { type: "cgroup", path: group.path, attach_type: "connect4" };
  const { links: [link] } = await owner.attach(program_id, attachment);
  const [own, ...others] = await allHooks(session, { kind: "cgroup", target: group.path });
  assert.equal(others.length, 0);
  assert.equal(own?.link_id, link?.link_id);
  assert.deepEqual(own?.program, { id: program_id, name: "on_connect4", type: "cgroup_sock_addr" });
  assert.deepEqual(own?.owners.map(({ pid }) => pid), [owner.pid]);
  const inherited = await allHooks(session, { kind: "cgroup_effective", target: `${child}$` });
  assert.deepEqual(inherited.map(({ link_id }) => link_id), [link?.link_id]);
});
