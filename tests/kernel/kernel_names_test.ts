// The generated table of system calls beside the list that the running kernel has.
import assert from "node:assert/strict";
import { systemCallNames } from "../../src/view/kernel_names.ts";
import { Tracefs } from "../../src/host/tracefs.ts";
import { kernelTest } from "../support/kernel_test.ts";

/** The kernel's functions that are called otherwise than the system calls that they serve. */
const renamed: ReadonlyMap<string, string> = new Map([
  ["newstat", "stat"],
  ["newfstat", "fstat"],
  ["newlstat", "lstat"],
  ["newuname", "uname"],
  ["sendfile64", "sendfile"],
  ["umount", "umount2"],
]);

kernelTest("systemCallNames has every call that this kernel traces", () => {
  const folder = new Tracefs().folder();
  assert.ok(folder !== null, "tracefs is mounted");
  const known = new Set(systemCallNames(Deno.build.arch));
  const traced = Array.from(Deno.readDirSync(`${folder}/events/syscalls`), ({ name }) => name)
    .flatMap((name) => /^sys_enter_(.+)$/.exec(name)?.[1] ?? []);
  assert.ok(traced.length > 250, `${traced.length} calls are traced`);
  assert.deepEqual(traced.filter((name) => !known.has(renamed.get(name) ?? name)), []);
});
