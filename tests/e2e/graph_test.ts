// inspect_state's graph: what the kernel says hangs together, from every kind of beginning.
import assert from "node:assert/strict";
import * as z from "zod";
import { TestCgroup } from "../support/cgroup.ts";
import { type Arguments, McpSession } from "../support/client.ts";
import { heldBy, show } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject, type ObjectName } from "../support/objects.ts";
import { PinFolder } from "../support/pin_folder.ts";
import { Trigger } from "../support/trigger.ts";
import { VethPair } from "../support/veth_pair.ts";

const graphShape = z.object({
  root: z.string(),
  nodes: z.array(z.looseObject({ kind: z.string(), id: z.union([z.int(), z.string()]) })),
  edges: z.array(z.tuple([z.string(), z.string(), z.string()])),
  total_nodes: z.int(),
  total_edges: z.int(),
  truncated: z.boolean(),
  hint: z.string(),
});
const answerShape = z.looseObject({ graph: graphShape });

const operator = { args: ["--role", "operator", "--objects", "/"] };
const viewer = { args: ["--role", "viewer"] };

async function draw(session: McpSession, graph: string, rest: Arguments = {}) {
  const answer = await session.ask(answerShape, "inspect_state", { graph, ...rest });
  return answer.graph;
}

type Graph = z.infer<typeof graphShape>;

const keys = (graph: Graph, kind: string) => {
  return graph.nodes.filter((node) => node.kind === kind).map((node) => `${kind}:${node.id}`);
};

const to = (graph: Graph, from: string, relation: string) => {
  return graph.edges.filter((edge) => edge[0] === from && edge[2] === relation)
    .map((edge) => edge[1]).sort();
};

const from = (graph: Graph, key: string, relation: string) => {
  return graph.edges.filter((edge) => edge[1] === key && edge[2] === relation)
    .map((edge) => edge[0]).sort();
};

/** Every edge is between nodes that are there, and nothing is told twice. */
function assertSound(graph: Graph): void {
  const names = graph.nodes.map(({ kind, id }) => `${kind}:${id}`);
  assert.equal(new Set(names).size, names.length, "each node once");
  assert.ok(names.includes(graph.root));
  for (const [one, other] of graph.edges) {
    assert.ok(names.includes(one) && names.includes(other), `${one} ${other}`);
  }
  assert.equal(new Set(graph.edges.map((edge) => edge.join(" "))).size, graph.edges.length);
  assert.equal(graph.truncated, graph.total_nodes > graph.nodes.length);
  assert.ok(graph.total_edges >= graph.edges.length);
  assert.ok(graph.hint.length > 0);
}

const listedProgram = z.looseObject({ map_ids: z.array(z.int()) });

/** Loads one object and gives a program of it. */
async function load(session: McpSession, name: ObjectName, program: string, globals: Arguments) {
  const object = await session.load(await buildObject(name), { globals });
  const found = object.programs.find((one) => one.name === program);
  assert.ok(found !== undefined, program);
  return { object, id: found.program_id };
}

kernelTest("graph goes from a program to its link, hook, maps, pins and owner", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start(operator);
  await using session = await McpSession.start(viewer);
  await using pins = await PinFolder.make();
  const { object, id } = await load(owner, "flood", "on_getppid", { target_pid: trigger.pid });
  const { links: [{ link_id }] } = await owner.attach(id, { type: "auto" });
  const path = await pins.add("prog", id);
  const graph = await draw(session, `program:${id}`);
  assertSound(graph);
  assert.equal(graph.root, `program:${id}`);
  assert.equal(graph.nodes[0].name, "on_getppid");
  assert.deepEqual(from(graph, graph.root, "runs"), [`link:${link_id}`]);
  const known = await show("link", link_id);
  assert.equal(known?.prog_id, id);
  const [hook] = to(graph, `link:${link_id}`, "is attached to");
  assert.match(hook, /^hook:tracepoint .*sys_enter_getppid/);
  const maps = listedProgram.parse(await show("prog", id)).map_ids.map((map) => `map:${map}`);
  assert.deepEqual(to(graph, graph.root, "uses"), maps.sort());
  const others = object.programs.map(({ program_id }) => `program:${program_id}`).sort();
  for (const map of maps) assert.deepEqual(from(graph, map, "uses"), others, "who shares a map");
  assert.deepEqual(from(graph, graph.root, "pins"), [`pin:${path}`]);
  assert.deepEqual(from(graph, graph.root, "holds"), [`process:${owner.pid}`]);
  assert.equal(graph.nodes.find((node) => node.kind === "process")?.name, "ebpf-mcp");
});

kernelTest("graph goes from a map and from a link to the same things", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start(operator);
  const { object, id } = await load(session, "flood", "on_getppid", { target_pid: trigger.pid });
  const { links: [{ link_id }] } = await session.attach(id, { type: "auto" });
  const { map_id } = object.maps[0];
  for (const root of [`map:${map_id}`, `link:${link_id}`]) {
    const graph = await draw(session, root);
    assertSound(graph);
    assert.equal(graph.root, root);
    assert.deepEqual(from(graph, `program:${id}`, "runs"), [`link:${link_id}`], root);
    assert.ok(to(graph, `program:${id}`, "uses").includes(`map:${map_id}`), root);
    assert.equal(keys(graph, "hook").length, 1, root);
    assert.ok(graph.nodes.every(({ kind, mine }) => kind !== "program" || mine === true));
  }
  const near = await draw(session, `link:${link_id}`, { depth: 1 });
  assert.deepEqual(keys(near, "map"), [], "maps are two steps from a link");
});

kernelTest("graph gives all that a process holds, as procfs tells", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start(operator);
  await using session = await McpSession.start(viewer);
  const { id } = await load(owner, "flood", "on_getppid", { target_pid: trigger.pid });
  await owner.attach(id, { type: "auto" });
  const graph = await draw(session, `pid:${owner.pid}`);
  assertSound(graph);
  assert.equal(graph.root, `process:${owner.pid}`);
  const { programs, maps, links } = heldBy(owner.pid);
  const held = [
    ...programs.map((program) => `program:${program}`),
    ...maps.map((map) => `map:${map}`),
    ...links.map((link) => `link:${link}`),
  ];
  // the descriptor of a link tells its program too
  assert.deepEqual(to(graph, graph.root, "holds"), [...new Set(held)].sort());
});

kernelTest("graph names a process that holds nothing, and does not send on from it", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start(viewer);
  const graph = await draw(session, `pid:${trigger.pid}`);
  assertSound(graph);
  assert.equal(graph.total_nodes, 1);
  const comm = await Deno.readTextFile(`/proc/${trigger.pid}/comm`);
  assert.equal(graph.nodes[0].name, comm.trim());
  assert.match(graph.hint, /^nothing of BPF .*; inspect_state \{\} lists what is$/);
});

kernelTest(
  "graph goes from an interface of another network namespace to its programs",
  async () => {
    await using pair = await VethPair.make();
    await using owner = await McpSession.start({ ...operator, wrapper: pair.wrapper });
    await using session = await McpSession.start(viewer);
    const xdp = await load(owner, "attach_kinds", "on_xdp", {});
    const tc = xdp.object.programs.find(({ name }) => name === "on_tc");
    assert.ok(tc !== undefined);
    const at = { interface: pair.incoming };
    const one = await owner.attach(xdp.id, { type: "xdp", mode: "generic", ...at });
    const two = await owner.attach(tc.program_id, { type: "tcx", direction: "egress", ...at });
    const links = [one, two].map((attached) => `link:${attached.links[0].link_id}`).sort();
    for (const root of [`${pair.namespace}/${pair.incoming}`, pair.incoming]) {
      const graph = await draw(session, `interface:${root}`);
      assertSound(graph);
      const place = `interface:${pair.namespace}/${pair.incoming}`;
      const hooks = from(graph, place, "is at");
      assert.equal(hooks.length, 2, JSON.stringify(hooks));
      assert.deepEqual(hooks.flatMap((hook) => from(graph, hook, "is attached to")).sort(), links);
      assert.deepEqual(from(graph, `program:${xdp.id}`, "runs"), [`link:${one.links[0].link_id}`]);
    }
    const program = await draw(session, `program:${xdp.id}`);
    assert.match(keys(program, "hook").join(), new RegExp(`xdp .*${pair.incoming}`));
    const error = await session.refusal("inspect_state", { graph: "interface:none0" });
    assert.equal(error.code, "interface_not_found");
  },
);

kernelTest("graph goes from a control group and from the container in it", async () => {
  const container = crypto.getRandomValues(new Uint8Array(32)).toHex();
  await using group = await TestCgroup.make(`docker-${container}.scope`);
  {
    await using owner = await McpSession.start(operator);
    await using session = await McpSession.start(viewer);
    await group.adopt(owner.pid);
    const { id } = await load(owner, "attach_kinds", "on_cgroup_egress", {});
    const attachment = { type: "cgroup", path: group.path, attach_type: "egress" };
    const { links: [{ link_id }] } = await owner.attach(id, attachment);
    const graph = await draw(session, `cgroup:${group.path}`);
    assertSound(graph);
    const [hook] = from(graph, `cgroup:${group.path}`, "is at");
    assert.deepEqual(from(graph, hook, "is attached to"), [`link:${link_id}`]);
    assert.deepEqual(to(graph, `link:${link_id}`, "runs"), [`program:${id}`]);
    for (const name of [container, container.slice(0, 12)]) {
      const inside = await draw(session, `container:${name}`);
      assertSound(inside);
      assert.equal(inside.root, `container:${container}`);
      assert.deepEqual(from(inside, inside.root, "runs in"), [`process:${owner.pid}`]);
      assert.ok(to(inside, `process:${owner.pid}`, "holds").includes(`program:${id}`));
      assert.deepEqual(from(inside, inside.root, "is at"), [hook]);
    }
    const [process] = (await draw(session, `program:${id}`)).nodes.filter(({ kind }) => {
      return kind === "process";
    });
    assert.deepEqual([process.id, process.container], [owner.pid, container]);
  }
});

kernelTest(
  "graph of two hundred programs fits an answer, and says what it leaves out",
  async () => {
    await using owner = await McpSession.start(operator);
    await using session = await McpSession.start(viewer);
    const object = await owner.load(await buildObject("many_programs"));
    const { content: [{ text }] } = await session.call("inspect_state", {
      graph: `pid:${owner.pid}`,
    });
    assert.ok(new TextEncoder().encode(text).length <= 8192, `${text.length}`);
    const { graph } = answerShape.parse(JSON.parse(text));
    assertSound(graph);
    assert.ok(graph.truncated && graph.nodes.length > 20);
    assert.ok(graph.total_nodes > object.programs.length);
    assert.match(graph.hint, /depth 1/);
    const few = await draw(session, `pid:${owner.pid}`, { limit: 3 });
    assertSound(few);
    assert.equal(few.nodes.length, 3);
  },
);

kernelTest("graph refuses what it cannot begin with, and says what it could", async () => {
  await using session = await McpSession.start(viewer);
  const cases: [Arguments, string][] = [
    [{ graph: "program" }, "invalid_arguments"],
    [{ graph: "program:0" }, "invalid_arguments"],
    [{ graph: "program:99999999999" }, "invalid_arguments"],
    [{ graph: "map:1x" }, "invalid_arguments"],
    [{ graph: "cgroup:" }, "invalid_arguments"],
    [{ graph: "socket:4" }, "invalid_arguments"],
    [{ graph: "pid:1", mine: true }, "invalid_arguments"],
    [{ graph: "pid:1", cursor: "x" }, "invalid_arguments"],
    [{ graph: "pid:1", depth: 5 }, "invalid_arguments"],
    [{ depth: 1 }, "invalid_arguments"],
    [{ graph: "program:4000000000" }, "program_not_found"],
    [{ graph: "map:4000000000" }, "map_not_found"],
    [{ graph: "link:4000000000" }, "link_not_found"],
    [{ graph: "pid:4000000000" }, "process_not_found"],
    [{ graph: "container:0123456789ab" }, "container_not_found"],
    [{ graph: "unit:none.service" }, "container_not_found"],
    [{ graph: "cgroup:/none/such" }, "cgroup_not_found"],
    [{ graph: "interface:none/eth0" }, "interface_not_found"],
  ];
  for (const [args, code] of cases) {
    const error = await session.refusal("inspect_state", args);
    assert.equal(error.code, code, JSON.stringify(args));
  }
});

kernelTest("graph needs no more than it names without CAP_SYS_ADMIN", async () => {
  const wrapper = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"];
  await using session = await McpSession.start({ ...viewer, wrapper });
  const program = await session.refusal("inspect_state", { graph: "program:1" });
  assert.deepEqual([program.code, program.category], ["not_permitted", "permission"]);
  const answer = await session.ask(
    z.looseObject({ graph: graphShape, missing: z.array(z.looseObject({ what: z.string() })) }),
    "inspect_state",
    { graph: `pid:${session.pid}` },
  );
  assert.equal(answer.graph.root, `process:${session.pid}`);
  assert.ok(answer.missing.some(({ what }) => what === "programs"));
});
