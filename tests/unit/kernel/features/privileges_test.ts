import assert from "node:assert/strict";
import { type Capability, Privileges } from "../../../../src/kernel/features/privileges.ts";

const bit = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n, CAP_PERFMON: 38n, CAP_BPF: 39n };
const set = (...names: Capability[]) => names.reduce((bits, name) => bits | 1n << bit[name], 0n);
const wanted: readonly Capability[] = ["CAP_BPF", "CAP_NET_ADMIN"];

Deno.test("Privileges.lacking names what is wanted and not there", () => {
  assert.deepEqual(new Privileges(0n, "initial").lacking(wanted), wanted);
  const some = new Privileges(set("CAP_BPF", "CAP_PERFMON"), "initial");
  assert.deepEqual(some.lacking(wanted), ["CAP_NET_ADMIN"]);
  assert.deepEqual(some.lacking(["CAP_BPF"]), []);
});

Deno.test("Privileges.lacking takes CAP_SYS_ADMIN for all of them", () => {
  assert.deepEqual(new Privileges(set("CAP_SYS_ADMIN"), "initial").lacking(wanted), []);
});

Deno.test("Privileges.lacking counts nothing that another user namespace gives", () => {
  const root = new Privileges(0xffff_ffff_ffffn, "other");
  assert.deepEqual(root.lacking(["CAP_BPF"]), ["CAP_BPF in the host's user namespace"]);
});

Deno.test("Privileges.key changes with capabilities and with the namespace", () => {
  const keys = [
    new Privileges(1n, "initial").key,
    new Privileges(2n, "initial").key,
    new Privileges(1n, "other").key,
  ];
  assert.equal(new Set(keys).size, 3);
  assert.equal(new Privileges(1n, "initial").key, keys[0]);
});
