// One test for each thing that can be left behind. They pass but for the harness, which must name
// each; tests/kernel/leak_check_test.ts runs them in a process of their own.
import assert from "node:assert/strict";
import { Fd } from "../../../ffi/fd.ts";
import { open_flags, openFile } from "../../../ffi/file.ts";
import { Mapping, pageBytes } from "../../../ffi/mapping.ts";
import type { HeldKind } from "../../../src/host/fdinfo.ts";
import { parseFdinfo } from "../../../src/host/fdinfo.ts";
import { openById } from "../../../src/kernel/ids.ts";
import { PerfBuffer } from "../../../src/kernel/perfbuf.ts";
import { attach } from "../../../src/session/attach_program.ts";
import { loadObject } from "../../../src/session/load_object.ts";
import { mustRun } from "../../../scripts/command.ts";
import { kernelTest } from "../../support/kernel_test.ts";
import { load } from "../../support/loaded.ts";
import { never, openSession, request } from "../../support/session.ts";

/** The pin that a test leaves; whoever runs these tests removes it. */
const pinPath = Deno.env.get("LEAKING_TESTS_PIN") ?? "";

/** What is left here is left for good: there is nothing to wait for. */
function leakTest(name: string, fn: () => void | Promise<void>): void {
  kernelTest(name, fn, { patienceMs: 500 });
}

/** A copy of the first descriptor of this process that holds an object of this kind. */
function copyOfHeld(kind: HeldKind): Fd {
  for (const { name } of Deno.readDirSync("/proc/self/fdinfo")) {
    const text = Deno.readTextFileSync(`/proc/self/fdinfo/${name}`);
    if (parseFdinfo(text)?.kind !== kind) continue;
    const copy = Fd.duplicate(Number(name));
    assert.ok(typeof copy !== "number", `errno ${copy}`);
    return copy;
  }
  return assert.fail(`this process holds no ${kind}`);
}

async function withAttachedProgram(use: () => void): Promise<void> {
  await using session = openSession();
  const loading = await request("attach_kinds", { globals: { target_pid: 0x3fffff } });
  const object = await loadObject(session, loading);
  const found = object.programs.find(({ program }) => program.name === "on_raw_tracepoint");
  assert.ok(found);
  await attach(session, found.info.id, { type: "auto" }, never);
  use();
}

kernelTest("leaves nothing", () => withAttachedProgram(() => {}));

leakTest("leaves a descriptor", () => {
  assert.ok(openFile("/dev/null", open_flags.O_RDONLY) instanceof Fd);
});

leakTest("leaves a program", () => withAttachedProgram(() => void copyOfHeld("program")));

leakTest("leaves a map", () => withAttachedProgram(() => void copyOfHeld("map")));

leakTest("leaves a link", () => withAttachedProgram(() => void copyOfHeld("link")));

leakTest("leaves BTF", async () => {
  await using object = await load("globals");
  const [{ info }] = object.programs;
  assert.ok(info.btfId !== null);
  openById("btf", info.btfId);
});

leakTest("leaves a pin", async () => {
  await using object = await load("globals");
  const [{ info }] = object.programs;
  await mustRun("bpftool", ["prog", "pin", "id", String(info.id), pinPath]);
});

leakTest("leaves a perf event", async () => {
  await using object = await load("perf_events", { burst: 1 });
  const map = object.maps.find(({ name }) => name === "events");
  assert.ok(map);
  PerfBuffer.open(map.fd, map.info.maxEntries, map.name);
});

leakTest("leaves a mapping", async () => {
  await using object = await load("globals");
  const map = object.maps.find(({ name }) => name.endsWith(".data"));
  assert.ok(map);
  assert.ok(Mapping.map(map.fd, pageBytes(), "read", 0) instanceof Mapping);
});

leakTest("leaves a thread", () => {
  new Worker("data:application/javascript,setInterval(() => {}, 1000)", { type: "module" });
});

leakTest("leaves a process", () => {
  // Ends with this process, whose pipe it reads.
  new Deno.Command("cat", { stdin: "piped", stdout: "null" }).spawn().unref();
});

leakTest("fails and leaves a descriptor", () => {
  openFile("/dev/null", open_flags.O_RDONLY);
  assert.fail("its own reason");
});

kernelTest("leaves nothing, after all the others", () => withAttachedProgram(() => {}));
