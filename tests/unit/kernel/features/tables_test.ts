// The tables that stand in the source, held against each other.
import assert from "node:assert/strict";
import { mapFacts } from "../../../../src/kernel/features/map_facts.ts";
import { map_flags } from "../../../../src/kernel/features/map_flags.ts";
import { neededCapabilities, programFacts } from "../../../../src/kernel/features/program_facts.ts";
import { sections } from "../../../../src/kernel/features/sections.gen.ts";
import { knownPairs, sectionsOf } from "../../../../src/kernel/features/sections.ts";
import { attachTypes, mapTypes, programTypes } from "../../../../src/kernel/uapi_types.ts";

function versionNumber(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
}

for (
  const [what, names, facts] of [
    ["program", programTypes, programFacts],
    ["map", mapTypes, mapFacts],
  ] as const
) {
  Deno.test(`every ${what} type has facts, with versions that rise with its number`, () => {
    let before = 0;
    for (const name of names) {
      if (name === "unspec") continue;
      const fact = facts.get(name);
      assert.ok(fact !== undefined, name);
      const version = versionNumber(fact.since);
      assert.ok(version >= before, `${name} since ${fact.since}: numbers are given in order`);
      assert.ok(fact.description.length <= 70 && !fact.description.endsWith("."), name);
      before = version;
    }
  });
}

Deno.test("sections name types that exist, and every type has one that libbpf loads", () => {
  for (const { section, program, attach } of sections) {
    assert.ok(programTypes.some((name) => name === program), section);
    assert.ok(attach === null || attachTypes.some((name) => name === attach), section);
  }
  const without = programTypes.filter((name) => sectionsOf(name).length === 0);
  assert.deepEqual(
    without,
    ["unspec", "cgroup_sock_xdp", "netfilter"].filter((name) =>
      programTypes.some((known) => known === name)
    ),
  );
});

Deno.test("sectionsOf and knownPairs tell what a section implies", () => {
  const xdp = sectionsOf("xdp").map(({ section }) => section);
  assert.ok(xdp.includes("xdp.frags/devmap") && xdp.includes("xdp"));
  assert.deepEqual(sectionsOf("sk_lookup"), [{ section: "sk_lookup", attach: "sk_lookup" }]);
  const pairs = knownPairs().filter(({ program }) => program === "tracing");
  assert.ok(pairs.some(({ attach }) => attach === "trace_fentry"));
  assert.ok(knownPairs().every(({ attach }) => attach !== null));
});

Deno.test("neededCapabilities asks CAP_BPF of every type, known or not", () => {
  for (const name of [...programTypes, "from_the_future"]) {
    assert.ok(neededCapabilities(name).includes("CAP_BPF"), name);
  }
  assert.deepEqual(neededCapabilities("ext"), ["CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON"]);
});

Deno.test("map_flags are single bits, each another", () => {
  const bits: number[] = Object.values(map_flags);
  assert.equal(new Set(bits).size, bits.length);
  assert.ok(bits.every((bit) => (bit & (bit - 1)) === 0));
});
