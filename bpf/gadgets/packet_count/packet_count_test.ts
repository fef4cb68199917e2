// packet_count on a cable in a network namespace of its own, beside the interface's own statistics.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../../scripts/command.ts";
import { type Fields, streamed } from "../../../tests/support/answers.ts";
import { McpSession } from "../../../tests/support/client.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";
import { datagramHeaderBytes, VethPair } from "../../../tests/support/veth_pair.ts";

const gadget = "packet_count";
const args = ["--role", "operator"];
const started = streamed.extend({ object_id: z.string() });
const listed = z.object({
  gadgets: z.array(z.object({ can_run: z.boolean(), why_not: z.array(z.string()).optional() })),
});
const counters = z.object({ packets: z.number(), bytes: z.number() });
const links = z.array(z.object({ stats64: z.object({ rx: counters, tx: counters }) }));

/** So many datagrams of five bytes to a port, each from a socket of its own. */
async function send(pair: VethPair, count: number, port: number): Promise<void> {
  const [program = "", ...rest] = pair.wrapper;
  const script = `for i in $(seq ${count}); do printf hello > /dev/udp/10.99.0.2/${port}; done`;
  await mustRun(program, [...rest, "bash", "-c", script]);
}

async function statistics(pair: VethPair, name: string) {
  const text = await mustRun("ip", ["-n", pair.namespace, "-s", "-j", "link", "show", name]);
  const [link] = links.parse(JSON.parse(text));
  return link.stats64;
}

async function watch(session: McpSession, params: Fields): Promise<() => Promise<Fields[]>> {
  const wanted = { gadget, params, background: true, max_overhead_percent: 100 };
  const { stream_id } = await session.ask(started, "run_gadget", wanted);
  return async () => {
    const { rows = [], dropped, ended_by } = await session.stop(stream_id);
    assert.deepEqual([dropped, ended_by], [{ ours: 0, kernel: 0 }, "stopped"]);
    return [...rows];
  };
}

const size = datagramHeaderBytes + "hello".length;

gadgetTest(gadget, "counts each packet that comes in, and nothing of a twin", async () => {
  await using pair = await VethPair.make();
  await using twin = await VethPair.make();
  await using session = await McpSession.start({ args, wrapper: pair.wrapper });
  const before = await statistics(pair, pair.incoming);
  const stop = await watch(session, { interface: pair.incoming, by: "address" });
  await send(pair, 25, 9);
  await send(twin, 10, 9);
  await send(pair, 15, 7);
  const rows = await stop();
  const { rx } = await statistics(pair, pair.incoming);
  const [packets, bytes] = [rx.packets - before.rx.packets, rx.bytes - before.rx.bytes];
  assert.deepEqual(rows, [{
    source_address: "10.99.0.1",
    destination_address: "10.99.0.2",
    protocol: "PROTOCOL_UDP",
    ether_type: 0x800,
    source_port: 0,
    destination_port: 0,
    packets: 40,
    bytes: 40 * size,
    segments: 40,
  }]);
  assert.deepEqual([packets, bytes], [40, 40 * size], "as the interface counts");
  const again = await watch(session, { interface: pair.incoming }); // it is free again
  assert.deepEqual(await again(), []);
});

gadgetTest(gadget, "tells flows apart, and keeps to a direction and a port", async () => {
  await using pair = await VethPair.make();
  await using session = await McpSession.start({ args, wrapper: pair.wrapper });
  const outgoing = { interface: pair.outgoing, direction: "egress" };
  const all = await watch(session, outgoing);
  const one = await watch(session, { ...outgoing, port: 7, by: "protocol" });
  const none = await watch(session, { interface: pair.outgoing });
  await send(pair, 6, 9);
  await send(pair, 3, 7);
  const flows = await all();
  assert.equal(flows.length, 9, "each from a port of its own");
  assert.ok(flows.every(({ packets, bytes }) => packets === 1 && bytes === size));
  assert.equal(flows.filter((flow) => flow.destination_port === 7).length, 3);
  const [row, ...rest] = await one();
  assert.deepEqual([row.packets, row.bytes, row.source_address, rest], [3, 3 * size, "::", []]);
  assert.deepEqual(await none(), [], "nothing comes in there");
});

gadgetTest(gadget, "keeps what it counted when its interface goes", async () => {
  await using pair = await VethPair.make();
  await using session = await McpSession.start({ args, wrapper: pair.wrapper });
  const stop = await watch(session, { interface: pair.incoming, by: "protocol" });
  await send(pair, 4, 9);
  await mustRun("ip", ["-n", pair.namespace, "link", "delete", pair.incoming]);
  assert.deepEqual((await stop()).map(({ packets }) => packets), [4]);
  const gone = { gadget, params: { interface: pair.incoming } };
  assert.equal((await session.refusal("run_gadget", gone)).code, "interface_not_found");
});

gadgetTest(gadget, "is for operators, and wants to be told where", async ({ session }) => {
  const unplaced = await session.refusal("run_gadget", { gadget });
  assert.equal(unplaced.code, "invalid_arguments");
  assert.match(unplaced.message, /needs the parameter "interface"/);
  const params = { interface: "lo", direction: "both" };
  const wrong = await session.refusal("run_gadget", { gadget, params });
  assert.match(wrong.message, /is "both", want ingress or egress/);
  await using observer = await McpSession.start({ args: ["--role", "observer"] });
  const refused = await observer.refusal("run_gadget", { gadget, params: { interface: "lo" } });
  assert.deepEqual([refused.category, refused.code], ["permission", "tool_not_allowed"]);
  const { gadgets: [{ can_run, why_not }] } = await observer.ask(listed, "list_gadgets", {
    name: gadget,
  });
  assert.deepEqual([can_run, why_not], [
    false,
    ["the role is observer, wanted operator or higher"],
  ]);
});
