import assert from "node:assert/strict";
import type { LinkInfo } from "../../../../src/kernel/link_info.ts";
import { NetworkLinks } from "../../../../src/tools/hooks/network_links.ts";
import type { NamespaceHooks } from "../../../../src/tools/hooks/survey_namespace.ts";

const xdpType = 6;
const xdpLink = (id: number, ifindex: number, programId: number): LinkInfo => {
  return { id, type: xdpType, programId, target: { kind: "xdp", ifindex } };
};

/** A namespace with one interface, on which these XDP programs are. */
function namespace(
  inode: number,
  index: number,
  programs: readonly number[],
  tcx: readonly number[] = [],
): NamespaceHooks {
  const atInterfaces = tcx.map((linkId) => ({
    kind: "tcx" as const,
    ifindex: index,
    direction: "ingress" as const,
    programs: [{ programId: 1, linkId }],
  }));
  return {
    namespace: { inode, name: `ns${inode}`, pid: null, own: false, path: "/run/netns/x" },
    interfaces: [{
      index,
      name: `veth${inode}`,
      kind: "veth",
      xdp: programs.map((programId) => ({ mode: "generic", programId })),
    }],
    filters: [],
    atInterfaces,
    ofNamespace: [],
    refused: false,
  };
}

Deno.test("NetworkLinks finds the namespace of an XDP link by its program", () => {
  const visited = [namespace(1, 5, [10]), namespace(2, 5, [20])];
  const links = new NetworkLinks(visited, [xdpLink(100, 5, 20), xdpLink(101, 5, 10)]);
  assert.equal(links.placeOf(100)?.name, "veth2");
  assert.equal(links.placeOf(101)?.name, "veth1");
  assert.equal(links.xdpLink(5, 20), 100);
});

Deno.test("NetworkLinks does not guess between equal hooks of several namespaces", () => {
  const visited = [namespace(1, 5, [10]), namespace(2, 5, [10])];
  for (const ids of [[100], [100, 101]]) {
    const links = new NetworkLinks(visited, ids.map((id) => xdpLink(id, 5, 10)));
    assert.equal(links.xdpLink(5, 10), null);
    assert.deepEqual(links.xdpLinks(5, 10), ids);
    assert.equal(links.placeOf(100), null);
  }
});

Deno.test("NetworkLinks knows no link of a program that netlink attached", () => {
  const links = new NetworkLinks([namespace(1, 5, [10])], [xdpLink(100, 6, 10)]);
  assert.equal(links.xdpLink(5, 10), null);
  assert.deepEqual(links.xdpLinks(5, 10), []);
  assert.equal(links.placeOf(100), null);
});

Deno.test("NetworkLinks takes the links of tcx from the interface that tells them", () => {
  const links = new NetworkLinks([namespace(1, 5, [], [7]), namespace(2, 5, [], [8])], []);
  assert.deepEqual([7, 8, 9].map((id) => links.placeOf(id)?.name), ["veth1", "veth2", undefined]);
});
