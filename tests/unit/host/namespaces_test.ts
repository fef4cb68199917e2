import assert from "node:assert/strict";
import {
  type NamespaceKind,
  namespaceKinds,
  type Places,
  placesOf,
} from "../../../src/host/namespaces.ts";

const numbers = {
  user: 4026531837,
  pid: 4026531836,
  cgroup: 4026531835,
  net: 4026531833,
  mnt: 4026531832,
};
const young = { major: 6, minor: 18, patch: 0 };
const old = { major: 5, minor: 10, patch: 0 };
/** As every kernel before 6.18 numbers the first network and mount namespaces. */
const oldHost = { net: 4026531840, mnt: 4026531841 };
const hidden = () => null;

function links(changed: Partial<Record<NamespaceKind, number>> = {}) {
  return (kind: NamespaceKind) => `${kind}:[${{ ...numbers, ...changed }[kind]}]`;
}

function allOf(place: "initial" | "other" | "unknown", changed: Partial<Places> = {}): Places {
  return { user: place, pid: place, net: place, mnt: place, cgroup: place, ...changed };
}

Deno.test("placesOf knows the host's namespaces by their numbers, without asking pid 1", () => {
  assert.deepEqual(placesOf(links(), hidden, young), allOf("initial"));
  assert.deepEqual(placesOf(links(), hidden, null), allOf("initial"));
});

for (const kind of namespaceKinds) {
  Deno.test(`placesOf tells another ${kind} namespace since 6.18`, () => {
    const places = placesOf(links({ [kind]: 4026532000 }), hidden, young);
    assert.deepEqual(places, allOf("initial", { [kind]: "other" }));
  });
}

Deno.test("placesOf compares with pid 1 where the numbers say nothing", () => {
  const host = links(oldHost);
  assert.deepEqual(placesOf(host, host, old), allOf("initial"));
  const moved = placesOf(links({ ...oldHost, net: 4026532000 }), host, old);
  assert.deepEqual(moved, allOf("initial", { net: "other" }));
});

Deno.test("placesOf says unknown where pid 1 is hidden or not the host's", () => {
  const host = links(oldHost);
  const doubt = { net: "unknown", mnt: "unknown" } as const;
  assert.deepEqual(placesOf(host, hidden, old), allOf("initial", doubt));
  const inside = links({ ...oldHost, pid: 4026532001 });
  assert.deepEqual(placesOf(inside, inside, old), allOf("initial", { ...doubt, pid: "other" }));
  assert.deepEqual(placesOf(hidden, hidden, young), allOf("unknown"));
});
