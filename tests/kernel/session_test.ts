// What a session makes, confirms and releases, with real programs in the running kernel.
import assert from "node:assert/strict";
import { EBPFError } from "../../src/errors.ts";
import { attachProgram } from "../../src/kernel/attach/attach.ts";
import { attach } from "../../src/session/attach_program.ts";
import { Attachment } from "../../src/session/attachment.ts";
import { loadObject } from "../../src/session/load_object.ts";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { unloadObject, unloadProgram } from "../../src/session/release.ts";
import { isGone } from "../../src/session/gone.ts";
import { mustRun } from "../../scripts/command.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { never, openSession, request } from "../support/session.ts";

const target_pid = 0x3fffff; // no process: programs that trace the host see nobody

function programIds(object: LoadedObject): number[] {
  return object.programs.map(({ info }) => info.id);
}

function mapIds(object: LoadedObject): number[] {
  return object.maps.map(({ info }) => info.id);
}

function idOf(object: LoadedObject, name: string): number {
  const found = object.programs.find(({ program }) => program.name === name);
  assert.ok(found, name);
  return found.info.id;
}

kernelTest(
  "Session releases attachments, then objects, and the kernel has none of it",
  async () => {
    const session = openSession();
    const object = await loadObject(
      session,
      await request("attach_kinds", { globals: { target_pid } }),
    );
    const links: number[] = [];
    for (const name of ["on_raw_tracepoint", "on_tracepoint", "on_tp_btf"]) {
      const attachment = await attach(session, idOf(object, name), { type: "auto" }, never);
      links.push(...attachment.linkIds);
    }
    assert.equal(links.length, 3);
    await session[Symbol.asyncDispose]();
    for (const id of programIds(object)) assert.equal(isGone("program", id), true);
    for (const id of mapIds(object)) assert.equal(isGone("map", id), true);
    for (const id of links) assert.equal(isGone("link", id), true);
  },
);

kernelTest("Session detaches tracepoints side by side, not one after another", async () => {
  await using session = openSession();
  const loaded = await request("attach_kinds", { globals: { target_pid } });
  const id = idOf(await loadObject(session, loaded), "on_tracepoint");
  const names = ["sys_enter_getppid", "sys_enter_getpgid", "sys_enter_getsid", "sys_enter_getpgrp"];
  const attached = async () => {
    const made = [];
    for (const name of names) made.push(await attach(session, id, at(name), never));
    return made.map(({ traits }) => traits.attachmentId);
  };
  const inTurn: number[] = [];
  const together: number[] = [];
  for (let round = 0; round < 3; round++) {
    const one = await attached();
    inTurn.push(
      await timed(async () => {
        for (const each of one) await session.attachments.release(each);
      }),
    );
    const all = await attached();
    together.push(
      await timed(() => Promise.all(all.map((each) => session.attachments.release(each)))),
    );
  }
  const [slow, fast] = [Math.min(...inTurn), Math.min(...together)];
  assert.ok(fast < slow, `in turn ${slow} ms, together ${fast} ms`);
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function at(name: string) {
  return { type: "tracepoint" as const, group: "syscalls", name };
}

kernelTest("Attachment.confirm is false once the link was destroyed behind its back", async () => {
  await using session = openSession();
  const object = await loadObject(
    session,
    await request("attach_kinds", { globals: { target_pid } }),
  );
  const programId = idOf(object, "on_raw_tracepoint");
  const { program } = object.programs.find(({ info }) => info.id === programId) ?? assert.fail();
  const links = attachProgram(program, { type: "auto" });
  const traits = {
    attachmentId: "attachment-test",
    objectId: object.objectId,
    programId,
    programName: program.name,
    target: "raw_tracepoint sys_enter",
  };
  await using attachment = new Attachment(traits, links);
  assert.equal(attachment.confirm(), true);
  for (const link of links) link[Symbol.dispose]();
  assert.equal(attachment.confirm(), false);
});

kernelTest("Link.confirm is false for a link that runs another program", async () => {
  await using session = openSession();
  const object = await loadObject(
    session,
    await request("attach_kinds", { globals: { target_pid } }),
  );
  const attachment = await attach(
    session,
    idOf(object, "on_raw_tracepoint"),
    { type: "auto" },
    never,
  );
  const [loaded] = object.programs.filter(({ info }) => info.id === attachment.traits.programId);
  using link = attachProgram(loaded.program, { type: "auto" })[0];
  assert.equal(link.confirm(loaded.info.id), true);
  assert.equal(link.confirm(idOf(object, "on_tracepoint")), false);
});

kernelTest("loadObject releases what was loaded when its client has cancelled", async () => {
  await using session = openSession();
  const cancel = new AbortController();
  const loading = loadObject(session, await request("maps", { signal: cancel.signal }));
  cancel.abort();
  await assert.rejects(loading);
  assert.equal(session.objects.size, 0);
});

kernelTest("loadObject releases what was loaded when its session has ended", async () => {
  const session = openSession();
  const loading = loadObject(session, await request("attach_kinds"));
  await session[Symbol.asyncDispose]();
  await assert.rejects(
    loading,
    (error) => error instanceof EBPFError && error.code === "cancelled",
  );
});

kernelTest("unloadProgram takes one program, and the object with the last", async () => {
  await using session = openSession();
  const programs = ["in_callback", "plain"];
  const object = await loadObject(session, await request("hidden_helpers", { programs }));
  const ids = programIds(object);
  assert.equal(ids.length, 2);
  assert.deepEqual((await unloadProgram(session, ids[0])).programIds, [ids[0]]);
  assert.equal(isGone("program", ids[0]), true);
  assert.equal(isGone("program", ids[1]), false);
  assert.equal(session.objects.size, 1);
  await unloadProgram(session, ids[1]);
  assert.equal(isGone("program", ids[1]), true);
  assert.equal(session.objects.size, 0);
});

kernelTest("unloadObject twice, or of an id that never was, names what there is", async () => {
  await using session = openSession();
  const { objectId } = await loadObject(session, await request("no_maps"));
  await unloadObject(session, objectId);
  await assert.rejects(
    unloadObject(session, objectId),
    (error) => error instanceof EBPFError && error.code === "object_not_found",
  );
});

kernelTest("loadObject clears the pin paths that an object asks for", async () => {
  await using session = openSession();
  const object = await loadObject(session, await request("pinned_map"));
  assert.ok(object.maps.length > 0);
  assert.match(object.clearedPinPaths.join(), /^\/sys\/fs\/bpf\/\w+/);
  // bpffs knows no names with a dot, which those of data sections have
  for (const map of object.maps.filter(({ name }) => !name.includes("."))) {
    await assert.rejects(Deno.stat(`/sys/fs/bpf/${map.name}`), Deno.errors.NotFound);
  }
});

kernelTest("Attachment.confirm is false once the link was detached by force", async () => {
  await using session = openSession();
  await using cgroup = await TestCgroup.make();
  const object = await loadObject(
    session,
    await request("attach_kinds", { globals: { target_pid } }),
  );
  const spec = { type: "cgroup" as const, path: cgroup.path, attach_type: "connect4" as const };
  const attachment = await attach(session, idOf(object, "on_connect4"), spec, never);
  assert.equal(attachment.confirm(), true);
  await mustRun("bpftool", ["link", "detach", "id", String(attachment.linkIds[0])]);
  assert.equal(attachment.confirm(), false);
});

kernelTest("attach of a program that was unloaded while it waited finds no program", async () => {
  await using session = openSession();
  const object = await loadObject(
    session,
    await request("attach_kinds", { globals: { target_pid } }),
  );
  const programId = idOf(object, "on_raw_tracepoint");
  const loading = loadObject(session, await request("many_programs"));
  const attaching = attach(session, programId, { type: "auto" }, never);
  const refused = assert.rejects(
    attaching,
    (error) => error instanceof EBPFError && error.code === "program_not_found",
  );
  await unloadObject(session, object.objectId);
  await Promise.all([refused, loading]);
  assert.equal(session.attachments.size, 0);
});

kernelTest("attach refuses a FIFO or a device where a file or a cgroup is wanted", async () => {
  await using session = openSession();
  const folder = await Deno.makeTempDir();
  const object = await loadObject(
    session,
    await request("attach_kinds", { globals: { target_pid } }),
  );
  try {
    const fifo = `${folder}/fifo`;
    await mustRun("mkfifo", [fifo]);
    for (const path of [fifo, "/dev/null"]) {
      const uprobe = { type: "uprobe" as const, path, symbol: "x" };
      const cgroup = { type: "cgroup" as const, path, attach_type: "connect4" as const };
      await assert.rejects(attach(session, idOf(object, "on_uprobe"), uprobe, never), isValidation);
      await assert.rejects(
        attach(session, idOf(object, "on_connect4"), cgroup, never),
        isValidation,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function isValidation(error: unknown): boolean {
  return error instanceof EBPFError && error.category === "validation";
}
