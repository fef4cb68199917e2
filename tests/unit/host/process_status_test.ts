import assert from "node:assert/strict";
import { parseStatus } from "../../../src/host/process_status.ts";

const status = [
  "Name:\tdeno",
  "Umask:\t0022",
  "Pid:\t4711",
  "Uid:\t1000\t0\t0\t0",
  "CapInh:\t0000000000000000",
  "CapPrm:\t000000c000000000",
  "CapEff:\t0000008000000000",
  "CapBnd:\t000001fffeffffff",
  "NoNewPrivs:\t1",
  "Seccomp:\t2",
  "Seccomp_filters:\t1",
  "",
].join("\n");

Deno.test("parseStatus: tells who a process is and what it may do", () => {
  const parsed = parseStatus(status);
  assert.equal(parsed.pid, 4711);
  assert.equal(parsed.uid, 1000);
  assert.equal(parsed.effectiveUid, 0);
  assert.deepEqual(parsed.capabilities.effective, ["CAP_BPF"]);
  assert.deepEqual(parsed.capabilities.permitted, ["CAP_PERFMON", "CAP_BPF"]);
  const outside = parsed.capabilities.known.filter((name) => {
    return !parsed.capabilities.bounding.includes(name);
  });
  assert.deepEqual(outside, ["CAP_SYS_RESOURCE"]);
  assert.equal(parsed.noNewPrivs, true);
  assert.equal(parsed.seccomp, "filter");
});

Deno.test("parseStatus: a process name cannot pass for another line", () => {
  const forged = "Name:\tx\\nCapEff:\\t000001ffffffffff\nPid:\t1\nUid:\t5\t5\t5\t5\n";
  const parsed = parseStatus(forged);
  assert.equal(parsed.uid, 5);
  assert.deepEqual(parsed.capabilities.effective, []);
});

Deno.test("parseStatus: gives none, false and disabled where nothing is told", () => {
  const parsed = parseStatus("");
  assert.deepEqual(parsed.capabilities.effective, []);
  assert.equal(parsed.noNewPrivs, false);
  assert.equal(parsed.seccomp, "disabled");
});
