import assert from "node:assert/strict";
import {
  capabilityName,
  signalName,
  systemCallName,
  systemCallNames,
  systemCallNumber,
  systemCallTables,
} from "../../../src/view/kernel_names.ts";
import { errnoName, errnoNumber } from "../../../src/errno.ts";
import { systemCallNumbers } from "../../../ffi/syscalls.ts";

Deno.test("signalName: names the classic and the real-time signals", () => {
  assert.equal(signalName(1), "SIGHUP");
  assert.equal(signalName(6), "SIGABRT");
  assert.equal(signalName(16), "SIGSTKFLT");
  assert.equal(signalName(29), "SIGIO");
  assert.equal(signalName(31), "SIGSYS");
  assert.equal(signalName(32), "SIG32");
  assert.equal(signalName(34), "SIGRTMIN");
  assert.equal(signalName(64), "SIGRTMIN+30");
  for (const none of [0, -1, 65, 1.5]) assert.equal(signalName(none), null, String(none));
});

Deno.test("capabilityName: names every bit that it knows", () => {
  assert.equal(capabilityName(0), "CAP_CHOWN");
  assert.equal(capabilityName(40), "CAP_CHECKPOINT_RESTORE");
  assert.equal(capabilityName(41), null);
  assert.equal(capabilityName(-1), null);
});

Deno.test("systemCallName: has each architecture's own numbers", () => {
  const mmap = systemCallTables.map((table) => systemCallNumber("mmap", table));
  assert.deepEqual(mmap, [9, 90, 222]);
  for (const table of systemCallTables) {
    assert.equal(systemCallName(424, table), "pidfd_send_signal");
    assert.equal(systemCallName(462, table), "mseal");
    assert.equal(systemCallName(9999, table), null);
  }
  assert.equal(systemCallName(400, "x86_64"), null, "a number that is not given to any");
});

Deno.test("systemCallNumber: is the inverse of systemCallName", () => {
  for (const table of systemCallTables) {
    const names = systemCallNames(table);
    assert.equal(new Set(names).size, names.length, `${table} has each name once`);
    for (const name of names) {
      const number = systemCallNumber(name, table);
      assert.ok(number !== null, name);
      assert.equal(systemCallName(number, table), name);
    }
    assert.equal(systemCallNumber("", table), null);
    assert.equal(systemCallNumber("no_such_call", table), null);
  }
});

Deno.test("systemCallNumber: agrees with the numbers that we call ourselves", () => {
  for (const architecture of ["x86_64", "aarch64"] as const) {
    for (const [name, number] of Object.entries(systemCallNumbers[architecture])) {
      assert.equal(systemCallNumber(name, architecture), Number(number), name);
    }
  }
});

Deno.test("errnoName: names the kernel's errors, its inner ones and libbpf's", () => {
  assert.equal(errnoName(2), "ENOENT");
  assert.equal(errnoName(11), "EAGAIN");
  assert.equal(errnoName(133), "EHWPOISON");
  assert.equal(errnoName(512), "ERESTARTSYS");
  assert.equal(errnoName(516), "ERESTART_RESTARTBLOCK");
  assert.equal(errnoName(524), "ENOTSUPP");
  assert.equal(errnoName(4000), "LIBBPF_ERRNO__LIBELF");
  assert.equal(errnoName(4013), "LIBBPF_ERRNO__NLPARSE");
  for (const none of [0, 41, 58, 134, 520, 532, 4014]) {
    assert.equal(errnoName(none), `errno ${none}`);
  }
});

Deno.test("errnoNumber: is the inverse of errnoName", () => {
  assert.equal(errnoNumber("ENOENT"), 2);
  assert.equal(errnoNumber("ECONNREFUSED"), 111);
  for (const none of ["", "enoent", "errno 41", "ENONE"]) assert.equal(errnoNumber(none), null);
});
