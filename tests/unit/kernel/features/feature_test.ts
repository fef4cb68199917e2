import assert from "node:assert/strict";
import { judge, refusal, untried } from "../../../../src/kernel/features/feature.ts";

const free = { lacking: [], allowed: true };
const EPERM = 1;
const EINVAL = 22;
const ENOMEM = 12;
const ENOSYS = 38;
const EOPNOTSUPP = 95;

Deno.test("judge takes a load, and a word of the verifier, for a yes", () => {
  assert.equal(judge({ errno: 0, log: "" }, "program type", free).accepted, true);
  const known = judge({ errno: EINVAL, log: "Tracing programs must provide btf_id" }, "x", free);
  assert.equal(known.accepted, true);
  assert.match(known.why, /verifier/);
});

Deno.test("judge takes a refusal before the verifier for a no", () => {
  assert.deepEqual(judge({ errno: EINVAL, log: "" }, "program type", free), {
    accepted: false,
    errno: EINVAL,
    why: "this kernel has no such program type",
  });
});

Deno.test("refusal tells who may not ask from what is not there", () => {
  const lacking = refusal(EPERM, "map type", { lacking: ["CAP_BPF"], allowed: false });
  assert.equal(lacking.accepted, null);
  assert.match(lacking.why, /give this process CAP_BPF/);
  const confined = refusal(EPERM, "map type", { lacking: [], allowed: false });
  assert.equal(confined.accepted, null);
  assert.match(confined.why, /seccomp/);
  const forbidden = refusal(EPERM, "map type", free);
  assert.equal(forbidden.accepted, false);
  assert.match(forbidden.why, /lockdown/);
});

Deno.test("refusal knows nothing when there was no room, or no bpf(2), to try it with", () => {
  for (const errno of [ENOMEM, ENOSYS]) {
    assert.equal(refusal(errno, "map type", free).accepted, null);
  }
  const odd = refusal(EOPNOTSUPP, "link", free);
  assert.deepEqual(odd, {
    accepted: false,
    errno: EOPNOTSUPP,
    why: "the kernel answers EOPNOTSUPP",
  });
  assert.deepEqual(untried("no BTF"), { accepted: null, errno: null, why: "no BTF" });
});
