import assert from "node:assert/strict";
import { EBPFError } from "../../../src/errors.ts";
import { type KernelFacts, obstaclesOf, requireFeatures } from "../../../src/gadgets/readiness.ts";
import { sampleGadget } from "./sample_gadget.ts";

const facts: KernelFacts = {
  release: "6.1.0-18-amd64",
  version: { major: 6, minor: 1, patch: 0 },
  capabilities: ["CAP_BPF", "CAP_PERFMON"],
  btf: "present",
  hasTracepoint: () => true,
};

const gadget = {
  ...sampleGadget,
  manifest: {
    ...sampleGadget.manifest,
    needs: {
      kernel: "5.17",
      capabilities: ["CAP_BPF", "CAP_PERFMON"],
      tracepoints: ["skb:kfree_skb", "tcp:tcp_probe"],
      features: [],
    },
  },
};

const reasonsOf = (change: Partial<KernelFacts>) =>
  obstaclesOf(gadget, { ...facts, ...change }).reasons;

Deno.test("obstaclesOf finds none where everything is there", () => {
  assert.deepEqual(obstaclesOf(gadget, facts), { reasons: [], tracepoints: [] });
});

Deno.test("obstaclesOf compares versions by number", () => {
  const version = (major: number, minor: number) => ({ version: { major, minor, patch: 0 } });
  assert.deepEqual(reasonsOf(version(5, 17)), []);
  assert.deepEqual(reasonsOf({ ...version(5, 9), release: "5.9.1" }), [
    "it needs Linux 5.17, this is 5.9.1",
  ]);
  assert.deepEqual(reasonsOf({ version: null }), []);
});

Deno.test("obstaclesOf names the capabilities that lack, unless CAP_SYS_ADMIN is held", () => {
  assert.deepEqual(reasonsOf({ capabilities: ["CAP_BPF"] }), ["this process lacks CAP_PERFMON"]);
  assert.deepEqual(reasonsOf({ capabilities: [] }), ["this process lacks CAP_BPF and CAP_PERFMON"]);
  assert.deepEqual(reasonsOf({ capabilities: ["CAP_SYS_ADMIN"] }), []);
});

Deno.test("obstaclesOf names absent tracepoints, and wants no tracefs for raw ones", () => {
  const hasTracepoint = (category: string) => category !== "tcp";
  assert.deepEqual(obstaclesOf(gadget, { ...facts, hasTracepoint }), {
    reasons: ["this kernel lacks the tracepoint tcp:tcp_probe"],
    tracepoints: ["tcp:tcp_probe"],
  });
  assert.deepEqual(reasonsOf({ hasTracepoint: null }), []);
  const byId = { ...gadget, programs: [{ name: "p", section: "tracepoint/tcp/tcp_probe" }] };
  const { reasons } = obstaclesOf(byId, { ...facts, hasTracepoint: null });
  assert.match(reasons.join(), /tracefs is not mounted/);
});

Deno.test("requireFeatures refuses what the kernel lacks, and leaves the rest to it", () => {
  requireFeatures(gadget, { ...facts, capabilities: [], btf: "absent", hasTracepoint: null });
  assert.throws(
    () => requireFeatures(gadget, { ...facts, hasTracepoint: () => false }),
    (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "feature_missing");
      assert.deepEqual(error.context.tracepoints, ["skb:kfree_skb", "tcp:tcp_probe"]);
      return true;
    },
  );
});
