import assert from "node:assert/strict";
import { runChecks } from "../../../../src/tools/system/checks.ts";
import { faults } from "./faulty_hosts.ts";
import { refusals } from "./refusing_kernels.ts";
import { facts, holding, kernel, soundStanding, soundSystem } from "./sound_facts.ts";

const { settings } = soundSystem;
const EPERM = 1;
const EINVAL = 22;

Deno.test("runChecks finds nothing to repair on a sound host", () => {
  const faults = runChecks(facts()).filter(({ status }) => status !== "ok");
  assert.deepEqual(faults, []);
});

Deno.test("runChecks names each check once", () => {
  const names = runChecks(facts()).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

for (const fault of [...faults, ...refusals]) {
  Deno.test(`runChecks calls ${fault.name} ${fault.status} with ${fault.given}`, () => {
    const check = runChecks(fault.facts).find(({ name }) => name === fault.name);
    assert.equal(check?.status, fault.status);
    assert.match(check.found, fault.found);
    assert.match(check.costs ?? "", fault.costs);
    assert.equal(check.repair, fault.repair ?? null);
  });
}

Deno.test("runChecks takes EPERM of bpf(2) for the kernel's own before 5.19", () => {
  const without = holding([]).system.process;
  const systemCalls = { bpf: EPERM, perfEventOpen: EINVAL };
  const status = (minor: number) => {
    const checks = runChecks(
      facts({ kernel: kernel(5, minor), process: without }, { systemCalls }),
    );
    return checks.find(({ name }) => name === "seccomp")?.status;
  };
  assert.equal(status(18), "ok");
  assert.equal(status(19), "missing");
});

Deno.test("runChecks believes a kernel that cannot do without the JIT", () => {
  const { config } = soundStanding;
  assert.ok(!("reason" in config));
  const options = new Map([...config.options, ["BPF_JIT_ALWAYS_ON", "y"]]);
  const hidden = { settings: { ...settings, bpfJitEnable: null } };
  const checks = runChecks(facts(hidden, { config: { ...config, options } }));
  assert.equal(checks.find(({ name }) => name === "jit")?.status, "ok");
});
