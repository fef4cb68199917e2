// What list_kernel_functions says of functions, beside what attaching to them shows.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { Trigger } from "../support/trigger.ts";
import { has } from "./features.ts";
import { loadOne } from "./journey.ts";

const args = ["--role", "operator", "--objects", "/", "--byte-budget", `${1 << 20}`];
/** Where the kernel shows its list of functions that no kprobe may stand on. */
const withDebugfs = [
  "unshare",
  "-m",
  "sh",
  "-c",
  'mount -t debugfs nodev /sys/kernel/debug && exec "$@"',
  "sh",
];
/** Some where a probe may stand, and some that the kernel's own handling of probes goes through. */
const pattern = "/^(vfs_read|kernel_clone|do_exit|asm_exc_int3|exc_int3|do_int3|notify_die)$/";

const answer = z.looseObject({
  functions: z.array(z.looseObject({
    name: z.string(),
    kprobe: z.boolean(),
    fentry: z.boolean(),
    fexit: z.boolean(),
    why_not: z.record(z.string(), z.string()).optional(),
    prototype: z.string().nullable(),
  })),
  unavailable: z.record(z.string(), z.string()),
  reasons: z.record(z.string(), z.string()),
});

kernelTest("list_kernel_functions says of kprobes what attaching them shows", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args, wrapper: withDebugfs });
  const { functions, unavailable, reasons } = await session.ask(answer, "list_kernel_functions", {
    pattern,
    with: ["prototype"],
  });
  assert.equal("kprobe" in unavailable, !await has("kprobe"));
  const object = await loadOne(session, trigger.pid, "kernel_hooks", "on_kprobe");
  const [{ program_id }] = object.programs;
  const judged = new Set<boolean>();
  for (const { name, kprobe, why_not } of functions) {
    const attachment = { type: "kprobe", function: name };
    judged.add(kprobe);
    if (kprobe) {
      const { attachment_id } = await session.attach(program_id, attachment);
      await session.detach(attachment_id);
    } else {
      const error = await session.refusal("attach_program", { program_id, attachment });
      assert.equal(error.category, "kernel", `${name}: ${error.message}`);
      const code = why_not?.kprobe;
      assert.ok("kprobe" in unavailable || (code !== undefined && code in reasons), name);
    }
  }
  assert.deepEqual([...judged].sort(), await has("kprobe") ? [false, true] : [false]);
  await session.unload(object.object_id);
});

kernelTest("list_kernel_functions says of fentry and fexit what loading them shows", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args });
  const { functions, unavailable } = await session.ask(answer, "list_kernel_functions", {
    pattern,
    with: ["prototype"],
  });
  const row = (name: string) => {
    return functions.find((one) => one.name === name) ?? assert.fail(`no ${name}`);
  };
  const { fentry, fexit, prototype } = row("vfs_read");
  assert.match(prototype ?? "", /^ssize_t vfs_read\(struct file \*file, /);
  for (
    const [kind, takes, program] of [["fentry", fentry, "on_fentry"], [
      "fexit",
      fexit,
      "on_fexit",
    ]] as const
  ) {
    assert.equal(takes, await has("trampoline"), kind);
    assert.equal(kind in unavailable, !takes);
    if (!takes) continue;
    const object = await loadOne(session, trigger.pid, "kernel_hooks", program);
    await session.unload(object.object_id);
    assert.deepEqual([row("do_exit").fentry, row("do_exit").fexit], [true, false]);
  }
});
