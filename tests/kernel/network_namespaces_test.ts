// Visits to real network namespaces: the way back, and what rtnetlink says beside what ip says.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../scripts/command.ts";
import { EBPFError } from "../../src/errors.ts";
import { type NetworkNamespace, NetworkNamespaces } from "../../src/host/network_namespaces.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { VethPair } from "../support/veth_pair.ts";

const here = () => Deno.readLinkSync("/proc/thread-self/ns/net");
const interfaces = z.array(z.object({ ifindex: z.int(), ifname: z.string() }));
const namespaces = new NetworkNamespaces();

function named({ namespace }: VethPair): NetworkNamespace {
  const found = namespaces.find().namespaces.find(({ name }) => name === namespace);
  assert.ok(found !== undefined, `${namespace} is among the namespaces`);
  return found;
}

kernelTest("NetworkNamespaces finds our own first, and what ip netns made", async () => {
  await using pair = await VethPair.make();
  const { namespaces: [own] } = namespaces.find();
  assert.equal(own?.own, true);
  assert.equal(`net:[${own.inode}]`, here());
  const { inode, own: isOwn, path } = named(pair);
  assert.deepEqual([isOwn, path], [false, `/run/netns/${pair.namespace}`]);
  assert.equal(inode, Deno.statSync(path).ino);
});

kernelTest("NetworkNamespaces is in a namespace during a visit, and back after it", async () => {
  await using pair = await VethPair.make();
  const namespace = named(pair);
  const before = here();
  const inside = namespaces.visit(namespace, () => here());
  assert.equal(inside, `net:[${namespace.inode}]`);
  assert.equal(here(), before);
});

kernelTest("NetworkNamespaces comes back when the work throws", async () => {
  await using pair = await VethPair.make();
  const before = here();
  const work = () => {
    throw new RangeError("in the middle");
  };
  assert.throws(() => namespaces.visit(named(pair), work), RangeError);
  assert.equal(here(), before);
});

kernelTest("NetworkNamespaces visits one inside another, and comes back step by step", async () => {
  await using first = await VethPair.make();
  await using second = await VethPair.make();
  const [outer, inner] = [named(first), named(second)];
  const { namespaces: [home] } = namespaces.find();
  assert.ok(home !== undefined);
  const seen = namespaces.visit(outer, () => {
    const before = here();
    const deepest = namespaces.visit(inner, () => here());
    assert.equal(namespaces.visit(home, () => here()), `net:[${home.inode}]`);
    return [before, deepest, here()];
  });
  const [outerLink, innerLink] = [outer, inner].map(({ inode }) => `net:[${inode}]`);
  assert.deepEqual(seen, [outerLink, innerLink, outerLink]);
});

kernelTest(
  "NetworkNamespaces says that a namespace is gone, also when its path is another's",
  async () => {
    await using pair = await VethPair.make();
    const namespace = named(pair);
    const gone = (error: unknown) =>
      error instanceof EBPFError && error.code === "namespace_not_found";
    for (const change of [{ path: "/run/netns/no-such-namespace" }, { inode: 1 }]) {
      assert.throws(() => namespaces.visit({ ...namespace, ...change }, () => here()), gone);
    }
    for (const path of ["/etc/hostname", "/proc/self/ns/mnt"]) {
      assert.throws(() => namespaces.visit({ ...namespace, path }, () => here()), gone);
    }
  },
);

kernelTest("RouteSocket lists the interfaces that ip lists, in any namespace", async () => {
  await using pair = await VethPair.make();
  for (let count = 0; count < 300; count++) { // more than one datagram holds
    const name = `many${count}`;
    await mustRun("ip", ["-n", pair.namespace, "link", "add", name, "type", "ifb"]);
  }
  const found = namespaces.visit(named(pair), ({ route }) => route.interfaces());
  const listed = await mustRun("ip", ["-n", pair.namespace, "-j", "link", "show"]);
  const wanted = interfaces.parse(JSON.parse(listed));
  const byIndex = (a: { index: number }, b: { index: number }) => a.index - b.index;
  assert.deepEqual(
    found.map(({ index, name }) => ({ index, name })).sort(byIndex),
    wanted.map(({ ifindex, ifname }) => ({ index: ifindex, name: ifname })).sort(byIndex),
  );
  assert.ok(found.length >= 303);
});
