// inspect_hooks with less: what remains is answered, and what is missing is named with its remedy.
import assert from "node:assert/strict";
import { mustRun } from "../../scripts/command.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { McpSession } from "../support/client.ts";
import { buildForeign } from "../support/foreign_objects.ts";
import { type HookAnswer, inspectHooks } from "../support/hooks.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { PinFolder } from "../support/pin_folder.ts";
import { VethPair } from "../support/veth_pair.ts";

const viewer = ["--role", "viewer"];

/** Runs the server without these capabilities. */
const without = (...names: string[]) => {
  return ["setpriv", `--bounding-set=${names.map((name) => `-${name}`).join(",")}`];
};

/** A namespace with a program of XDP in it, which netlink attached. */
async function occupy(pair: VethPair, folder: PinFolder): Promise<void> {
  const object = await buildForeign("network_sections", ["network_sections"]);
  await mustRun("bpftool", ["prog", "loadall", object, folder.path]);
  const pinned = ["pinned", `${folder.path}/on_xdp`, "dev", pair.incoming];
  const [program = "", ...rest] = [...pair.wrapper, "bpftool", "net", "attach", "xdpgeneric"];
  await mustRun(program, [...rest, ...pinned]);
}

/** What is missing, and that each says why and what to do. */
function named({ missing }: HookAnswer): string {
  for (const { why, remedy } of missing) {
    assert.ok(why.length > 5 && remedy.length > 5, JSON.stringify(missing));
  }
  return missing.map(({ what }) => what).join("; ");
}

kernelTest(
  "inspect_hooks without CAP_SYS_ADMIN answers for its own network namespace",
  async () => {
    await using pair = await VethPair.make();
    await using folder = await PinFolder.make();
    await occupy(pair, folder);
    const wrapper = [...pair.wrapper, ...without("sys_admin")];
    await using session = await McpSession.start({ args: viewer, wrapper });
    const answer = await inspectHooks(session);
    const [row, ...others] = answer.hooks;
    assert.equal(others.length, 0);
    assert.deepEqual([row?.kind, row?.hook.interface, row?.hook.mode], [
      "xdp",
      pair.incoming,
      "generic",
    ]);
    assert.ok(row?.program !== null && row?.program !== undefined);
    assert.deepEqual([row.program.name, row.program.type, row.link_id], [null, null, null]);
    assert.match(named(answer), /of \d+ network namespaces.*links.*programs/);
    assert.ok(answer.missing.some(({ remedy }) => /CAP_SYS_ADMIN/.test(remedy)));
  },
);

kernelTest("inspect_hooks in a user namespace of its own says what it may not ask", async () => {
  await using pair = await VethPair.make();
  await using folder = await PinFolder.make();
  await occupy(pair, folder);
  const wrapper = [...pair.wrapper, "unshare", "--user", "--map-root-user"];
  await using session = await McpSession.start({ args: viewer, wrapper });
  const answer = await inspectHooks(session);
  assert.deepEqual(answer.by_kind, { xdp: 1 });
  assert.match(named(answer), /tcx.*flow_dissector.*control groups.*links/);
  assert.ok(answer.missing.some(({ remedy }) => /CAP_NET_ADMIN/.test(remedy)));
});

for (const capability of ["net_admin", "bpf", "perfmon", "sys_ptrace", "dac_read_search"]) {
  kernelTest(`inspect_hooks without ${capability} alone still answers everything`, async () => {
    await using pair = await VethPair.make();
    await using folder = await PinFolder.make();
    await occupy(pair, folder);
    await using session = await McpSession.start({ args: viewer, wrapper: without(capability) });
    const { hooks } = await inspectHooks(session, { kind: "xdp", target: pair.incoming });
    const ours = hooks.filter(({ hook }) => hook.netns_name === pair.namespace);
    assert.deepEqual(ours.map(({ program }) => program?.name), ["on_xdp"]);
  });
}

kernelTest(
  "inspect_hooks where no control groups are mounted tells their links alone",
  async () => {
    await using group = await TestCgroup.make();
    await using owner = await McpSession.start({ args: ["--role", "admin", "--objects", "/"] });
    const { programs: [{ program_id }] } = await owner.load(await buildObject("attach_kinds"), {
      programs: ["on_connect4"],
    });
    const attachment = { type: "cgroup", path: group.path, attach_type: "connect4" };
    const { links: [link] } = await owner.attach(program_id, attachment);
    const script = 'umount --all --lazy --types cgroup2 && exec "$@"';
    const wrapper = ["unshare", "--mount", "sh", "-c", script, "sh"];
    await using session = await McpSession.start({ args: viewer, wrapper });
    const answer = await inspectHooks(session, { kind: "cgroup", target: "cgroup_inet4_connect" });
    assert.match(named(answer), /control groups/);
    assert.ok(answer.missing.some(({ remedy }) => remedy.startsWith("mount -t cgroup2")));
    const row = answer.hooks.find(({ link_id }) => link_id === link?.link_id);
    assert.equal(row?.program?.id, program_id);
    assert.equal(row?.hook.cgroup_id, Deno.statSync(group.path).ino);
  },
);
