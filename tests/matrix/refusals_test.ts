// What attach_program refuses on every kernel, before or by the kernel, with a reason that helps.
import assert from "node:assert/strict";
import * as z from "zod";
import type { Arguments } from "../support/client.ts";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";
import { has } from "./features.ts";
import { loadOne } from "./journey.ts";

const args = ["--role", "operator", "--objects", "/"];
const near = z.looseObject({ nearest: z.array(z.string()) });

async function refuse(session: McpSession, program: string, attachment: Arguments) {
  const loaded = await loadOne(session, 0, "kernel_hooks", program);
  const [{ program_id }] = loaded.programs;
  const error = await session.refusal("attach_program", { program_id, attachment });
  await session.unload(loaded.object_id);
  return error;
}

kernelTest("attach_program refuses a program that was loaded for another hook", async (t) => {
  await using session = await McpSession.start({ args });
  const mismatches: Record<string, [string, Arguments]> = {
    "kprobe on what is many": ["on_kprobe_multi", { type: "kprobe", function: "vfs_read" }],
    "kprobe_multi on what is one": ["on_kprobe", { type: "kprobe_multi", glob: "vfs_read" }],
    "usdt on a kprobe": [
      "on_kprobe",
      { type: "usdt", path: "/bin/sh", provider: "a", name: "b" },
    ],
    "lsm on a usdt": ["on_usdt", { type: "lsm" }],
    "fentry on an iterator": ["on_iter", { type: "fentry" }],
    "iterator of another kind": ["on_iter", { type: "iter", target: "task_file" }],
  };
  for (const [what, [program, attachment]] of Object.entries(mismatches)) {
    await t.step(what, async () => {
      const { category, code, message } = await refuse(session, program, attachment);
      assert.deepEqual([category, code], ["validation", "attachment_mismatch"], message);
      assert.match(message, new RegExp(`"${program}"`));
    });
  }
});

kernelTest("attach_program refuses the name of another function than the load's", async () => {
  await using session = await McpSession.start({ args });
  if (!await has("trampoline")) { // nothing can be loaded that could be refused by its name
    const source = { type: "file", path: await buildObject("kernel_hooks") };
    const error = await session.refusal("load_program", { source, programs: ["on_fentry"] });
    return assert.equal(error.code, "program_load_rejected");
  }
  for (const attachment of [{ type: "fentry", function: "vfs_read" }, { type: "fexit" }]) {
    const error = await refuse(session, "on_fentry", attachment);
    assert.equal(error.code, "attachment_mismatch");
    assert.match(error.message, /fentry\/security_socket_connect/);
  }
  const other = await refuse(session, "on_lsm", { type: "lsm", hook: "file_open" });
  assert.match(other.message, /lsm\/socket_connect/);
});

kernelTest("attach_program names the functions nearest to one that is not there", async () => {
  await using session = await McpSession.start({ args });
  const error = await refuse(session, "on_kprobe", { type: "kprobe", function: "vfs_raed" });
  if (!await has("kprobe")) return assert.equal(error.code, "feature_missing");
  assert.deepEqual([error.code, error.context.errno_name], ["link_attach_failed", "ENOENT"]);
  assert.ok(near.parse(error.context).nearest.includes("vfs_read"), JSON.stringify(error));
  const multi = { type: "kprobe_multi", functions: ["vfs_read", "vfs_raed"] };
  const many = await refuse(session, "on_kprobe_multi", multi);
  if (!await has("kprobe_multi")) return assert.equal(many.code, "feature_missing");
  assert.ok(near.parse(many.context).nearest.includes("vfs_read"), JSON.stringify(many));
});

kernelTest("attach_program refuses an offset that is not in the function", async () => {
  await using session = await McpSession.start({ args });
  const attachment = { type: "kprobe", function: "vfs_read", offset: 1_000_000 };
  const error = await refuse(session, "on_kprobe", attachment);
  if (!await has("kprobe")) return assert.equal(error.code, "feature_missing");
  assert.equal(error.code, "link_attach_failed", error.message);
  assert.match(JSON.stringify(error.context), /vfs_read\W+ has \d+ bytes/);
});

kernelTest("attach_program says that a file has no such USDT probe", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args });
  const probe = { type: "usdt", path: trigger.path, provider: "trigger", pid: trigger.pid };
  const error = await refuse(session, "on_usdt", { ...probe, name: "play" });
  assert.equal(error.code, "link_attach_failed", error.message);
  assert.match(JSON.stringify(error.context), /trigger:play/);
});
