// What `confirmed` is worth where the kernel has links, and where it has none.
import assert from "node:assert/strict";
import { Fd } from "../../ffi/fd.ts";
import { open_flags, openFile } from "../../ffi/file.ts";
import { libc } from "../../ffi/library.ts";
import { attachProgram } from "../../src/kernel/attach/attach.ts";
import type { AttachSpec } from "../../src/kernel/attach/spec.ts";
import { loadObject } from "../../src/session/load_object.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { openSession, request } from "../support/session.ts";
import { Trigger } from "../support/trigger.ts";
import { has } from "./features.ts";

/** Another file takes the descriptor's place, so that whoever closes it later does no harm. */
function replace(fd: number): void {
  libc().close(fd);
  using stack = new DisposableStack();
  for (;;) {
    const file = openFile("/dev/null", open_flags.O_RDONLY);
    assert.ok(file instanceof Fd);
    if (file.number === fd) return void file.release();
    stack.use(file);
  }
}

kernelTest(
  "Link.confirm is true of what runs the program, and false once it is gone",
  async (t) => {
    await using trigger = await Trigger.start();
    await using session = openSession();
    const attachments: Record<string, AttachSpec> = {
      on_tracepoint: { type: "tracepoint", group: "syscalls", name: "sys_enter_getppid" },
      on_uprobe: { type: "uprobe", path: trigger.path, symbol: "trigger_work" },
      on_perf_event: { type: "perf_event", event: "cpu_clock", period: 1_000_000, cpu: 0 },
    };
    const programs = Object.keys(attachments);
    const object = await loadObject(session, await request("attach_kinds", { programs }));
    const mechanism = await has("perf_link") ? "bpf_link" : "perf_ioctl";
    for (const { program, info } of object.programs) {
      await t.step(program.name, () => {
        const [link] = attachProgram(program, attachments[program.name]);
        using attached = link;
        assert.equal(attached.mechanism, mechanism);
        assert.equal(attached.confirm(info.id), true, "attached");
        // of a perf_event program without a link the kernel tells only that there is one
        const told = mechanism === "bpf_link" || program.name !== "on_perf_event";
        assert.equal(attached.confirm(info.id + 1), !told, "another program");
        replace(attached.fd);
        assert.equal(attached.confirm(info.id), false, "closed behind its back");
      });
    }
  },
);
