// inspect_hooks in network namespaces against bpftool net, with hooks of foreign makers and ours.
import assert from "node:assert/strict";
import { Fd } from "../../ffi/fd.ts";
import { open_flags, openFile } from "../../ffi/file.ts";
import { libbpf } from "../../ffi/library.ts";
import { cString } from "../../ffi/memory.ts";
import { mustRun } from "../../scripts/command.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { McpSession } from "../support/client.ts";
import { buildForeign } from "../support/foreign_objects.ts";
import { allHooks, bpftoolNet, type HookRow, inspectHooks } from "../support/hooks.ts";
import { show } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { PinFolder } from "../support/pin_folder.ts";
import { VethPair } from "../support/veth_pair.ts";

const admin = { args: ["--role", "admin", "--objects", "/"] };

/** enum bpf_attach_type. */
const BPF_SK_LOOKUP = 36;

/** A program of each section of the network, pinned by bpftool. */
async function pinPrograms(folder: PinFolder): Promise<(name: string) => string> {
  const object = await buildForeign("network_sections", ["network_sections"]);
  await mustRun("bpftool", ["prog", "loadall", object, folder.path]);
  return (name) => `${folder.path}/${name}`;
}

async function inside(pair: VethPair, ...words: string[]): Promise<void> {
  const [program = "", ...args] = [...pair.wrapper, ...words];
  await mustRun(program, args);
}

/** A row as `bpftoolNet` writes it. */
function line({ kind, hook, program }: HookRow): string {
  const how = hook.mode ?? hook.direction;
  const words = kind === "flow_dissector" ? [] : [how, hook.interface];
  return [kind, ...words, program?.id].join(" ");
}

const ofNamespace = (pair: VethPair) => ({ hook }: HookRow) => hook.netns_name === pair.namespace;

kernelTest("inspect_hooks tells foreign hooks of a namespace as bpftool net does", async () => {
  await using pair = await VethPair.make();
  await using folder = await PinFolder.make();
  const pin = await pinPrograms(folder);
  const { incoming, outgoing } = pair;
  await inside(
    pair,
    "bpftool",
    "net",
    "attach",
    "xdpgeneric",
    "pinned",
    pin("on_xdp"),
    "dev",
    incoming,
  );
  await inside(pair, "bpftool", "net", "attach", "xdp", "pinned", pin("on_xdp"), "dev", outgoing);
  await inside(pair, "bpftool", "prog", "attach", "pinned", pin("on_flow"), "flow_dissector");
  await inside(pair, "tc", "qdisc", "add", "dev", incoming, "clsact");
  for (const direction of ["ingress", "egress"]) {
    for (const chain of ["0", "7"]) {
      const place = ["dev", incoming, direction, "chain", chain, "prio", "5"];
      await inside(pair, "tc", "filter", "add", ...place, "bpf", "da", "pinned", pin("on_tc"));
    }
  }
  await inside(pair, "tc", "qdisc", "add", "dev", outgoing, "root", "handle", "1:", "htb");
  const htb = ["tc", "class", "add", "dev", outgoing, "parent", "1:", "classid", "1:1f", "htb"];
  await inside(pair, ...htb, "rate", "1mbit");
  for (const parent of ["1:", "1:1f"]) {
    const place = ["dev", outgoing, "parent", parent, "prio", "9"];
    await inside(pair, "tc", "filter", "add", ...place, "bpf", "pinned", pin("on_tc"));
  }
  await using session = await McpSession.start(admin);
  const rows = (await allHooks(session)).filter(ofNamespace(pair));
  // bpftool names the discipline of a class, not the class
  const ofBpftool = rows.map((row) => line(row).replace(/^tc 1:\S*/, "tc htb"));
  assert.deepEqual(ofBpftool.sort(), await bpftoolNet(pair.wrapper));
  assert.equal(rows.length, 9);
  const classful = rows.filter(({ hook }) => String(hook.direction ?? "").includes(":"));
  assert.deepEqual(classful.map(({ hook }) => [hook.direction, hook.role]), [
    ["1:", "classifier"],
    ["1:1f", "classifier"],
  ]);
  for (const { program, link_id, owners, pins } of rows) {
    assert.ok(program !== null && program.name !== null && program.type !== null);
    assert.equal(link_id, null, "attached without a link");
    assert.deepEqual(owners, []);
    assert.deepEqual(pins, [pin(program.name)]);
  }
});

kernelTest("inspect_hooks tells links of interfaces, their owner and namespace", async () => {
  await using pair = await VethPair.make();
  await using owner = await McpSession.start({ ...admin, wrapper: pair.wrapper });
  await using session = await McpSession.start(admin);
  const { programs } = await owner.load(await buildObject("attach_kinds"), {
    programs: ["on_xdp", "on_tc"],
  });
  const idOf = (wanted: string) => programs.find(({ name }) => name === wanted)?.program_id ?? 0;
  const at = { interface: pair.incoming };
  const xdp = await owner.attach(idOf("on_xdp"), { type: "xdp", ...at, mode: "generic" });
  const ingress = { type: "tcx", ...at, direction: "ingress" };
  const egress = { type: "tcx", ...at, direction: "egress" };
  const attached = [xdp, await owner.attach(idOf("on_tc"), ingress)];
  attached.push(await owner.attach(idOf("on_tc"), egress));
  const rows = (await allHooks(session)).filter(ofNamespace(pair));
  assert.deepEqual(
    rows.map(({ kind, hook, link_id }) => [kind, hook.mode ?? hook.direction, link_id]),
    [
      ["xdp", "generic", attached[0]?.links[0]?.link_id],
      ["tcx", "ingress", attached[1]?.links[0]?.link_id],
      ["tcx", "egress", attached[2]?.links[0]?.link_id],
    ],
  );
  for (const { hook, owners } of rows) {
    assert.equal(hook.interface, pair.incoming);
    assert.deepEqual(owners.map(({ pid }) => pid), [owner.pid]);
  }
  // where it is at home, the namespace goes without saying
  const [own] = (await inspectHooks(owner, { kind: "xdp", target: `^${pair.incoming}$` })).hooks;
  assert.equal(own?.hook.netns, undefined);
  assert.equal(own?.target, `generic ${pair.incoming}`);
});

kernelTest("inspect_hooks tells the links of a network namespace itself", async () => {
  await using pair = await VethPair.make();
  await using folder = await PinFolder.make();
  const pin = await pinPrograms(folder);
  const namespace = openFile(`/run/netns/${pair.namespace}`, open_flags.O_RDONLY);
  assert.ok(typeof namespace !== "number");
  using target = namespace;
  const program = new Fd(libbpf().bpf_obj_get(cString(pin("on_lookup"))));
  using lookup = program;
  using link = new Fd(libbpf().bpf_link_create(lookup.number, target.number, BPF_SK_LOOKUP, null));
  assert.ok(link.number >= 0);
  await using session = await McpSession.start(admin);
  const [row, ...others] = await allHooks(session, { kind: "sk_lookup", target: pair.namespace });
  assert.equal(others.length, 0);
  assert.equal(row?.program?.name, "on_lookup");
  assert.deepEqual(row?.owners.map(({ pid }) => pid), [Deno.pid]);
  const known = await show("link", row?.link_id ?? 0);
  assert.deepEqual(
    [known?.type, known?.prog_id, known?.netns_ino],
    ["netns", row?.program?.id, row?.hook.netns],
  );
});

kernelTest("inspect_hooks does not guess whose link an XDP program is", async () => {
  await using first = await VethPair.make();
  await using second = await VethPair.make();
  await using owner = await McpSession.start(admin);
  const { programs } = await owner.load(await buildObject("attach_kinds"), {
    programs: ["on_xdp"],
  });
  const [{ program_id }] = programs;
  await using folder = await PinFolder.make();
  const pin = await folder.add("prog", program_id);
  await using here = await McpSession.start({ ...admin, wrapper: first.wrapper });
  const { programs: [other] } = await here.load(await buildObject("attach_kinds"), {
    programs: ["on_xdp"],
  });
  const attachment = { type: "xdp", interface: first.incoming, mode: "generic" };
  const { links: [link] } = await here.attach(other.program_id, attachment);
  await inside(
    second,
    "bpftool",
    "net",
    "attach",
    "xdpgeneric",
    "pinned",
    pin,
    "dev",
    second.incoming,
  );
  const exact = await allHooks(owner, { kind: "xdp" });
  assert.equal(exact.find(ofNamespace(first))?.link_id, link?.link_id);
  assert.equal(exact.find(ofNamespace(second))?.link_id, null);
  assert.equal(exact.find(ofNamespace(second))?.hook.link_is_one_of, undefined);
  // now one program at equal indexes of two namespaces, of which one is a link
  const otherPin = await folder.add("prog", other.program_id);
  await inside(second, "bpftool", "net", "detach", "xdpgeneric", "dev", second.incoming);
  await inside(
    second,
    "bpftool",
    "net",
    "attach",
    "xdpgeneric",
    "pinned",
    otherPin,
    "dev",
    second.incoming,
  );
  const equal = await allHooks(owner, { kind: "xdp" });
  for (const pair of [first, second]) {
    const row = equal.find(ofNamespace(pair));
    assert.equal(row?.link_id, null);
    assert.equal(row?.hook.link_is_one_of, String(link?.link_id));
  }
});

kernelTest(
  "inspect_hooks leaves its process in its own namespace, with its descriptors",
  async () => {
    await using pair = await VethPair.make();
    await using session = await McpSession.start(admin);
    const threads = () =>
      [...Deno.readDirSync(`/proc/${session.pid}/task`)].map(({ name }) => name);
    const homes = () =>
      new Set(
        threads().map((thread) => Deno.readLinkSync(`/proc/${session.pid}/task/${thread}/ns/net`)),
      );
    const descriptors = () => [...Deno.readDirSync(`/proc/${session.pid}/fd`)].length;
    const own = Deno.readLinkSync("/proc/self/ns/net");
    await inspectHooks(session);
    const before = descriptors();
    for (let calls = 0; calls < 10; calls++) await inspectHooks(session);
    assert.equal(descriptors(), before);
    assert.deepEqual([...homes()], [own]);
    const { looked_at } = await inspectHooks(session);
    assert.ok(Number(looked_at.network_namespaces) >= 2, `it visited ${pair.namespace} too`);
  },
);

kernelTest(
  "inspect_hooks answers while namespaces, interfaces and groups come and go",
  async () => {
    await using folder = await PinFolder.make();
    const pin = await pinPrograms(folder);
    await using session = await McpSession.start(admin);
    const own = Deno.readLinkSync(`/proc/${session.pid}/ns/net`);
    let churning = true;
    const churn = async () => {
      while (churning) {
        await using group = await TestCgroup.make();
        await using pair = await VethPair.make();
        const at = ["dev", pair.incoming];
        await inside(pair, "tc", "qdisc", "add", ...at, "clsact");
        await inside(
          pair,
          "tc",
          "filter",
          "add",
          ...at,
          "ingress",
          "bpf",
          "da",
          "pinned",
          pin("on_tc"),
        );
        await inside(pair, "ip", "link", "delete", pair.incoming);
        assert.ok(group.path.length > 0);
      }
    };
    const churned = Promise.all([churn(), churn()]);
    try {
      for (let calls = 0; calls < 20; calls++) {
        const { missing } = await inspectHooks(session);
        assert.deepEqual(missing.filter(({ what }) => /^hooks in/.test(what)), []);
      }
    } finally {
      churning = false;
      await churned;
    }
    assert.equal(Deno.readLinkSync(`/proc/${session.pid}/ns/net`), own);
  },
);

kernelTest("inspect_hooks shows what a terminal would obey as text", async () => {
  await using pair = await VethPair.make();
  await using folder = await PinFolder.make();
  const pin = await pinPrograms(folder);
  const hostile = "e\u001b[2J\u202e";
  await inside(pair, "ip", "link", "set", pair.incoming, "down");
  await inside(pair, "ip", "link", "set", pair.incoming, "name", hostile);
  await inside(
    pair,
    "bpftool",
    "net",
    "attach",
    "xdpgeneric",
    "pinned",
    pin("on_xdp"),
    "dev",
    hostile,
  );
  await using session = await McpSession.start(admin);
  const rows = (await allHooks(session, { kind: "xdp" })).filter(ofNamespace(pair));
  assert.deepEqual(rows.map(({ hook }) => hook.interface), ["e\\x1b[2J\\u{202e}"]);
});
